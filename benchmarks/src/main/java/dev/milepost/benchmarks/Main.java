package dev.milepost.benchmarks;

import dev.milepost.benchmarks.create.BatchWorkload;
import dev.milepost.benchmarks.create.CreateWorkload;
import dev.milepost.benchmarks.floors.FloorsWorkload;
import dev.milepost.benchmarks.foreign.ForeignWorkload;
import dev.milepost.benchmarks.growth.GrowthWorkload;
import dev.milepost.benchmarks.harness.AllWorkload;
import dev.milepost.benchmarks.harness.Workload;
import dev.milepost.benchmarks.http.HttpWorkload;
import dev.milepost.benchmarks.life.LifeWorkload;
import dev.milepost.benchmarks.micro.MicroWorkload;
import dev.milepost.benchmarks.noisy.NoisyNeighborWorkload;
import dev.milepost.benchmarks.reconnects.ReconnectsWorkload;
import dev.milepost.benchmarks.report.ReportWorkload;
import dev.milepost.benchmarks.soak.SoakWorkload;
import dev.milepost.benchmarks.stored.ClaimWorkload;
import dev.milepost.benchmarks.stored.FilledStores;
import dev.milepost.benchmarks.stored.ListWorkload;
import dev.milepost.benchmarks.stored.StartWorkload;
import dev.milepost.benchmarks.watch.WatchWorkload;
import dev.milepost.benchmarks.watch.WatchersWorkload;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of the benchmarks. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    version = "bench 0.1.0",
    description = "Measures a Milepost server in a separate process, with a new store.")
public final class Main {
  private Main() {}

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] args) {
    // The server's configuration is on the class path, too.
    System.setProperty("logback.configurationFile", "logback-bench.xml");
    System.exit(run(System.out, System.err, args));
  }

  static int run(PrintStream out, PrintStream err, String... args) {
    try (FilledStores stores = new FilledStores()) {
      return run(out, err, stores, args);
    }
  }

  /** Runs the command line with stores that earlier runs may have filled. */
  static int run(PrintStream out, PrintStream err, FilledStores stores, String... args) {
    CommandLine command = new CommandLine(new Main());
    // In the order in which `all` runs them.
    List<Workload> workloads =
        List.of(
            new CreateWorkload(out, err),
            new ReportWorkload(out, err),
            new LifeWorkload(out, err),
            new WatchWorkload(out, err),
            new ClaimWorkload(out, err, stores),
            new ListWorkload(out, err, stores),
            new StartWorkload(out, err, stores),
            new WatchersWorkload(out, err),
            new ReconnectsWorkload(out, err),
            new BatchWorkload(out, err),
            new GrowthWorkload(out, err),
            new NoisyNeighborWorkload(out, err),
            new ForeignWorkload(out, err),
            new HttpWorkload(out, err),
            new FloorsWorkload(out, err));
    workloads.forEach(command::addSubcommand);
    command.addSubcommand(new AllWorkload(out, err, workloads));
    command.addSubcommand(new SoakWorkload(out, err));
    command.addSubcommand(new MicroWorkload(out, err));
    command.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    command.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    command.setExecutionExceptionHandler(
        (e, line, parsed) -> {
          err.println("bench: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
          return 1;
        });
    return command.execute(args);
  }
}
