package dev.milepost.benchmarks.harness;

import dev.milepost.benchmarks.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Starts the servers that are measured. */
public final class Servers {
  /** Disables the limits, which are not measured. */
  private static final String SETTINGS =
      """
      milepost.limits {
        user-requests-per-second = 0
        tenant-requests-per-second = 0
        user-bytes-per-second = 0
        tenant-bytes-per-second = 0
        user-streams = 0
        tenant-jobs = 0
        user-jobs = 0
        tenant-stored-bytes = 0
        user-stored-bytes = 0
        calls-per-connection = 100000
        connections-per-address = 10000
      }
      """;

  private Servers() {}

  /** Starts Milepost with a new store. */
  public static ServerProcess milepost(BenchOptions options)
      throws IOException, InterruptedException {
    return ServerProcess.start(options.program(), options.store(), SETTINGS);
  }

  /** Does the same, with additional JVM flags. */
  public static ServerProcess milepost(BenchOptions options, List<String> flags)
      throws IOException, InterruptedException {
    return ServerProcess.start(options.program(flags), options.store(), SETTINGS);
  }

  /** Starts Milepost with the number of log lines that a job keeps of each level. */
  public static ServerProcess milepostKeeping(int lines, BenchOptions options)
      throws IOException, InterruptedException {
    return ServerProcess.start(
        options.program(),
        options.store(),
        SETTINGS + "milepost.limits.job-log-bytes = 1T\nmilepost.jobs.journal-cap = " + lines);
  }

  /** Starts Milepost on an existing store. */
  public static ServerProcess milepostOn(Path database, BenchOptions options)
      throws IOException, InterruptedException {
    return milepostOn(database, options, List.of());
  }

  /** Does the same, with additional JVM flags. */
  public static ServerProcess milepostOn(Path database, BenchOptions options, List<String> flags)
      throws IOException, InterruptedException {
    options.requireFiles();
    return ServerProcess.startOn(database, options.program(flags), SETTINGS);
  }

  /**
   * Starts Milepost on an existing store, where an earlier server has listened.
   *
   * @param address as HOST:PORT
   */
  public static ServerProcess milepostAt(String address, Path database, BenchOptions options)
      throws IOException, InterruptedException {
    options.requireFiles();
    return ServerProcess.startOn(database, options.program(), SETTINGS, address);
  }
}
