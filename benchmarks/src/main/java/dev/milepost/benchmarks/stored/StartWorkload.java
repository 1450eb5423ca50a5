package dev.milepost.benchmarks.stored;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
import dev.milepost.benchmarks.figures.Statistics;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Servers;
import dev.milepost.benchmarks.harness.Workload;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.process.Directories;
import dev.milepost.benchmarks.process.Memory;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.JobServiceGrpc;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;

/** Measures server starts, up to the first response. */
@Command(
    name = "start",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Starts a server with an empty store and with a million jobs, with a class data archive (as",
      "./milepost dev does) and without."
    })
public final class StartWorkload extends Workload {
  private static final int STARTS = 5;
  private static final Goal GOAL = Goal.atMost(1_000);

  private final FilledStores stores;

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   * @param stores shared by the benchmarks of a run
   */
  public StartWorkload(PrintStream out, PrintStream err, FilledStores stores) {
    super(out, err);
    this.stores = stores;
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream progress) throws Exception {
    Path directory = Directories.create();
    try {
      Path full = stores.mixedFile(options.most(), options, progress);
      Path archive = directory.resolve("server.jsa");
      start(directory.resolve("trial.db"), options, List.of("-XX:ArchiveClassesAtExit=" + archive));
      List<Case> cases = new ArrayList<>();
      if (Files.exists(archive)) {
        List<String> flags =
            List.of("-XX:SharedArchiveFile=" + archive, "-Xshare:auto", "-Xlog:cds*=off");
        cases.add(new Case("start.empty", true, flags, GOAL));
        cases.add(new Case("start.1m", false, flags, GOAL));
      } else {
        progress.println("There is no class data archive: only classes in jars can be archived.");
      }
      cases.add(new Case("start.empty-without-archive", true, List.of(), Goal.NONE));
      cases.add(new Case("start.1m-without-archive", false, List.of(), Goal.NONE));
      for (int i = 0; i < (options.quick() ? 1 : STARTS); i++) {
        for (Case each : cases) {
          Path database = each.empty ? directory.resolve(each.name + i + ".db") : full;
          Start start = start(database, options, each.flags);
          progress.printf(Locale.ROOT, "%-30s %8.0f ms%n", each.name, start.millis);
          each.starts.add(start);
        }
      }
      return cases.stream().flatMap(each -> each.figures().stream()).toList();
    } finally {
      Directories.remove(directory);
    }
  }

  /**
   * One start.
   *
   * @param millis until the first response
   * @param memory of the server after that
   */
  private record Start(double millis, Memory memory) {}

  private static Start start(Path database, BenchOptions options, List<String> flags)
      throws IOException, InterruptedException {
    long from = System.nanoTime();
    try (ServerProcess server = Servers.milepostOn(database, options, flags);
        Connection connection = new Connection(server.address(), "first", "OPERATOR")) {
      var unused =
          JobServiceGrpc.newBlockingStub(connection.channel())
              .withDeadlineAfter(60, TimeUnit.SECONDS)
              .countJobs(CountJobsRequest.getDefaultInstance());
      double millis = (System.nanoTime() - from) / 1e6;
      return new Start(millis, Memory.of(server));
    }
  }

  /** One way of starting. */
  private static final class Case {
    private final String name;
    private final boolean empty;
    private final List<String> flags;
    private final Goal goal;
    private final List<Start> starts = new ArrayList<>();

    Case(String name, boolean empty, List<String> flags, Goal goal) {
      this.name = name;
      this.empty = empty;
      this.flags = flags;
      this.goal = goal;
    }

    List<Figure> figures() {
      double median = Statistics.median(starts.stream().mapToDouble(Start::millis).toArray());
      List<Figure> figures = new ArrayList<>();
      figures.add(new Figure(name, median, "ms", Double.NaN, goal));
      figures.addAll(Memory.figures(name, starts.stream().map(Start::memory).toList()));
      return figures;
    }
  }
}
