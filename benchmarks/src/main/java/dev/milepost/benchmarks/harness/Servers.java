package dev.milepost.benchmarks.harness;

import dev.milepost.benchmarks.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Starts the servers that are measured. */
public final class Servers {
  /** What is measured is the server and not its limits. */
  private static final String SETTINGS =
      """
      milepost.limits {
        user-requests-per-second = 0
        tenant-requests-per-second = 0
        user-streams = 0
        tenant-jobs = 0
        calls-per-connection = 100000
      }
      """;

  private Servers() {}

  /** Milepost with a fresh store. */
  public static ServerProcess milepost(BenchOptions options)
      throws IOException, InterruptedException {
    return ServerProcess.start(options.program(), options.store(), SETTINGS);
  }

  /** The same, where each job keeps so many lines of each level. */
  public static ServerProcess milepostKeeping(int lines, BenchOptions options)
      throws IOException, InterruptedException {
    return ServerProcess.start(
        options.program(),
        options.store(),
        SETTINGS + "milepost.limits.job-log-bytes = 1T\nmilepost.jobs.journal-cap = " + lines);
  }

  /** Milepost on a store that was there before. */
  public static ServerProcess milepostOn(Path database, BenchOptions options)
      throws IOException, InterruptedException {
    return milepostOn(database, options, List.of());
  }

  /** The same with flags of its virtual machine. */
  public static ServerProcess milepostOn(Path database, BenchOptions options, List<String> flags)
      throws IOException, InterruptedException {
    options.requireFiles();
    return ServerProcess.startOn(database, options.program(flags), SETTINGS);
  }
}
