package dev.milepost.benchmarks.floors;

import dev.milepost.benchmarks.harness.PhaseResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.HdrHistogram.Histogram;

/**
 * The floor of a commit: writes a page and flushes it to the disk (fdatasync). The file has its
 * full length from the start, like a write-ahead log after its first round.
 */
final class DiskFloor implements AutoCloseable {
  private static final int PAGE = 4_096;
  private static final int PAGES = 1_000;

  private final FileChannel file;
  private final ByteBuffer page = ByteBuffer.allocateDirect(PAGE);
  private int next;

  /** Creates the file. */
  DiskFloor(Path file) throws IOException {
    this.file = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    for (int i = 0; i < PAGES; i++) {
      write();
    }
    this.file.force(true);
  }

  private void write() throws IOException {
    page.clear();
    page.putInt(0, next);
    for (long to = (long) PAGE * (next++ % PAGES); page.hasRemaining(); ) {
      to += file.write(page, to);
    }
  }

  /** Writes and flushes for the given time. One operation is one flush. */
  PhaseResult run(Duration length) throws IOException {
    Histogram latencies = new Histogram(3);
    long start = System.nanoTime();
    long now = start;
    while (now - start < length.toNanos()) {
      long from = now;
      write();
      file.force(false);
      now = System.nanoTime();
      latencies.recordValue(now - from);
    }
    return new PhaseResult(latencies.getTotalCount(), now - start, latencies);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
