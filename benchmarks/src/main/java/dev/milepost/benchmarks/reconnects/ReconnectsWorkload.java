package dev.milepost.benchmarks.reconnects;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Servers;
import dev.milepost.benchmarks.harness.Workload;
import dev.milepost.benchmarks.process.Directories;
import dev.milepost.benchmarks.process.Memory;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobSpec;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** Measures how watchers of the Java client come back after a restart of the server. */
@Command(
    name = "reconnects",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "500 watchers, each with a connection of its own, while their server is away for 5 s: how"
          + " many",
      "try again within the same 100 ms once it is back, and how long until each watches again."
    })
public final class ReconnectsWorkload extends Workload {
  private static final Duration AWAY = Duration.ofSeconds(5);
  private static final Duration BACK_TIMEOUT = Duration.ofMinutes(2);

  /** If all came at once, the ratio would be 1. */
  private static final Goal AT_ONCE = Goal.atMost(0.2);

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   */
  public ReconnectsWorkload(PrintStream out, PrintStream err) {
    super(out, err);
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream progress) throws Exception {
    int count = options.quick() ? 20 : 500;
    Path directory = Directories.create();
    try {
      return measure(directory.resolve("milepost.db"), count, options, progress);
    } finally {
      Directories.remove(directory);
    }
  }

  private static List<Figure> measure(
      Path database, int count, BenchOptions options, PrintStream progress)
      throws IOException, InterruptedException {
    List<WatchingClient> clients = new ArrayList<>();
    String address;
    try {
      try (ServerProcess server = Servers.milepostOn(database, options)) {
        address = server.address();
        String job = createJob(address);
        for (int i = 0; i < count; i++) {
          clients.add(new WatchingClient(address, job));
        }
        awaitAll(clients, Long.MIN_VALUE);
        progress.printf("%d watchers; the server stops for %d s%n", count, AWAY.toSeconds());
      }
      Thread.sleep(options.quick() ? 200 : AWAY.toMillis());
      // It serves gRPC before it says that it is ready: watchers may be back by then.
      long restart = System.nanoTime();
      try (ServerProcess server = Servers.milepostAt(address, database, options)) {
        awaitAll(clients, restart);
        return figures(Comeback.of(clients, restart), server);
      }
    } finally {
      clients.forEach(WatchingClient::close);
    }
  }

  private static String createJob(String address) {
    try (JobClient client = JobClient.builder(address).user(WatchingClient.USER).build()) {
      return client.create(JobSpec.of("reconnects")).id();
    }
  }

  private static void awaitAll(List<WatchingClient> clients, long since)
      throws InterruptedException {
    long deadline = System.nanoTime() + BACK_TIMEOUT.toNanos();
    for (WatchingClient client : clients) {
      client.awaitWatching(since, deadline);
    }
  }

  private static List<Figure> figures(Comeback comeback, ServerProcess server)
      throws IOException, InterruptedException {
    List<Figure> figures = new ArrayList<>();
    figures.add(
        new Figure(
            "reconnects.at-once", comeback.mostTriesAtOnce(), "tries", comeback.count(), AT_ONCE));
    figures.add(Figure.plain("reconnects.tries", comeback.triesInAll(), "tries"));
    figures.add(Figure.plain("reconnects.back-p50", comeback.backMillis(0.5), "ms"));
    figures.add(Figure.plain("reconnects.back-p99", comeback.backMillis(0.99), "ms"));
    figures.add(Figure.plain("reconnects.back-last", comeback.backMillis(1), "ms"));
    figures.addAll(Memory.figures("reconnects", List.of(Memory.of(server))));
    return figures;
  }
}
