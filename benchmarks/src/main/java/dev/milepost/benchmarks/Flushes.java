package dev.milepost.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The floor of what is durable: pages written to the disk that a server has its database on, each
 * flushed (fdatasync) before the next. The file has its full length before, as a log that is
 * written again from its beginning has.
 */
final class Flushes implements Variant {
  private static final int PAGE = 4_096;
  private static final int PAGES = 1_024;
  private static final long MOST_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final ServerProcess server;
  private final FileChannel file;
  private final ByteBuffer page = ByteBuffer.allocateDirect(PAGE);
  private long written;

  /** Writes beside the server's database; the server itself has nothing to do with it. */
  Flushes(ServerProcess server) throws IOException {
    this.server = server;
    this.file =
        FileChannel.open(
            server.directory().resolve("flushes"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE);
    for (int i = 0; i < PAGES; i++) {
      write();
    }
    file.force(true);
  }

  @Override
  public String name() {
    return "fdatasync-4k";
  }

  @Override
  public ServerProcess server() {
    return server;
  }

  @Override
  public Work run(Duration length) throws IOException {
    Histogram latencies = new Histogram(MOST_NANOS, 3);
    long start = System.nanoTime();
    long now = start;
    while (now - start < length.toNanos()) {
      write();
      file.force(false);
      long flushed = System.nanoTime();
      latencies.recordValue(Math.min(flushed - now, MOST_NANOS));
      now = flushed;
    }
    return new Work(latencies.getTotalCount(), now - start, latencies);
  }

  private void write() throws IOException {
    page.clear();
    page.putLong(0, written);
    long position = written % PAGES * PAGE;
    while (page.hasRemaining()) {
      position += file.write(page, position);
    }
    written++;
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
