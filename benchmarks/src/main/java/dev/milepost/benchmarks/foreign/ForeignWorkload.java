package dev.milepost.benchmarks.foreign;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
import dev.milepost.benchmarks.figures.Statistics;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Servers;
import dev.milepost.benchmarks.harness.Workload;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobServiceGrpc.JobServiceBlockingStub;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Supplier;
import picocli.CommandLine.Command;

/**
 * Measures whether the time of a refusal tells a job of another user from one that does not exist.
 * Both kinds of calls, and a second series of the latter as a measure of the noise, are made in
 * random order, one at a time.
 */
@Command(
    name = "foreign",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Gets, cancels, watches and reads the journals of small and large jobs of another user, and",
      "of jobs that do not exist: both are NOT_FOUND, and should take the same time."
    })
public final class ForeignWorkload extends Workload {
  private static final Goal GOAL = Goal.atMost(1.05);
  private static final int JOBS = 200;
  private static final int SMALL = 100;
  private static final int LARGE = 200_000;
  private static final int CALLS_PER_PHASE = 2_000;
  private static final int WARM_UP_CALLS = 4_000;

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   */
  public ForeignWorkload(PrintStream out, PrintStream err) {
    super(out, err);
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream progress) throws Exception {
    int calls = options.quick() ? 10 : options.phases() * CALLS_PER_PHASE;
    int warmUp = options.quick() ? 10 : WARM_UP_CALLS;
    List<Figure> figures = new ArrayList<>();
    try (ServerProcess server = Servers.milepost(options);
        Connection owner = new Connection(server.address(), "owner");
        Connection other = new Connection(server.address(), "other")) {
      JobServiceBlockingStub jobs = JobServiceGrpc.newBlockingStub(other.channel());
      int number = options.quick() ? 10 : JOBS;
      ForeignJobs small = new ForeignJobs(owner, number, SMALL);
      ForeignJobs large = new ForeignJobs(owner, number, LARGE);
      for (Probe probe : Probe.values()) {
        figures.addAll(compare("foreign." + probe.label(), probe, jobs, small, warmUp, calls));
        figures.addAll(
            compare("foreign." + probe.label() + ".large", probe, jobs, large, warmUp, calls));
        progress.printf(Locale.ROOT, "%s: %d calls of each kind%n", probe.label(), calls);
      }
    }
    return figures;
  }

  private static List<Figure> compare(
      String name,
      Probe probe,
      JobServiceBlockingStub jobs,
      ForeignJobs ids,
      int warmUp,
      int calls) {
    List<Series> all =
        List.of(new Series(ids::absent), new Series(ids::foreign), new Series(ids::absent));
    run(probe, jobs, all, warmUp);
    all.forEach(series -> series.micros.clear());
    run(probe, jobs, all, calls);
    double absent = all.get(0).median();
    double foreign = all.get(1).median();
    double again = all.get(2).median();
    return List.of(
        new Figure(name, foreign, "us", absent, Goal.NONE),
        new Figure(name + ".apart", apart(foreign, absent), "x", Double.NaN, GOAL),
        Figure.plain(name + ".noise", apart(again, absent), "x"));
  }

  /** Returns the ratio of the slower to the faster: either would tell. */
  private static double apart(double one, double other) {
    return Statistics.spread(one, other);
  }

  private static void run(Probe probe, JobServiceBlockingStub jobs, List<Series> all, int rounds) {
    Random random = new Random(2);
    List<Series> order = new ArrayList<>(all);
    for (int i = 0; i < rounds; i++) {
      Collections.shuffle(order, random);
      for (Series series : order) {
        series.micros.add(probe.nanos(jobs, series.ids.get()) / 1e3);
      }
    }
  }

  /** The times of one kind of calls, in microseconds. */
  private static final class Series {
    private final Supplier<String> ids;
    private final List<Double> micros = new ArrayList<>();

    Series(Supplier<String> ids) {
      this.ids = ids;
    }

    double median() {
      return Statistics.median(micros.stream().mapToDouble(Double::doubleValue).toArray());
    }
  }
}
