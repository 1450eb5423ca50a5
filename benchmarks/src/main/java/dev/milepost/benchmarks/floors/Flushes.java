package dev.milepost.benchmarks.floors;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.process.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/** The disk floor as a variant, on the disk that holds a server's database. */
public final class Flushes implements Variant {
  private final ServerProcess server;
  private final DiskFloor disk;

  /**
   * Writes beside the server's database.
   *
   * @param server only names the directory; it takes no part in the measurement
   */
  public Flushes(ServerProcess server) throws IOException {
    this.server = server;
    this.disk = new DiskFloor(server.directory().resolve("flushes"));
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
  public PhaseResult run(Duration length) throws IOException {
    return disk.run(length);
  }

  @Override
  public void close() {
    try {
      disk.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
