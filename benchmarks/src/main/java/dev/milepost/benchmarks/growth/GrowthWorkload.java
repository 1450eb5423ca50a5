package dev.milepost.benchmarks.growth;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Interleaving;
import dev.milepost.benchmarks.harness.Measured;
import dev.milepost.benchmarks.harness.Servers;
import dev.milepost.benchmarks.harness.Workload;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** Measures how the cost of reports and creates grows with log lines and tenants. */
@Command(
    name = "growth",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Reports a log line to jobs that keep ten lines and to jobs that keep 100,000; creates jobs"
          + " of",
      "one tenant and of a thousand."
    })
public final class GrowthWorkload extends Workload {
  /** The cost with many, relative to that with few. */
  private static final Goal GOAL = Goal.atMost(1.2);

  private static final int JOBS = 16;
  private static final int FEW_LINES = 10;
  private static final int IN_FLIGHT = 16;

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   */
  public GrowthWorkload(PrintStream out, PrintStream err) {
    super(out, err);
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream progress) throws Exception {
    List<Figure> figures = new ArrayList<>();
    figures.addAll(logLines(options, progress));
    figures.addAll(tenants(options, progress));
    return figures;
  }

  private static List<Figure> logLines(BenchOptions options, PrintStream progress)
      throws Exception {
    int most = options.quick() ? 2_000 : 100_000;
    try (LogLineReports few = logged(FEW_LINES, options, progress);
        LogLineReports many = logged(most, options, progress)) {
      List<Measured> measured = new Interleaving(options, progress).run(List.of(few, many));
      few.check();
      many.check();
      return figures("growth.log-lines", measured);
    }
  }

  /** Jobs that already keep the maximum of lines: each new one evicts the oldest. */
  private static LogLineReports logged(int lines, BenchOptions options, PrintStream progress)
      throws Exception {
    progress.printf("Writing %d log lines to each of %d jobs%n", lines, JOBS);
    LogLineReports reports =
        new LogLineReports(Servers.milepostKeeping(lines, options), JOBS, lines);
    try {
      reports.fill();
      return reports;
    } catch (RuntimeException e) {
      reports.close();
      throw e;
    }
  }

  private static List<Figure> tenants(BenchOptions options, PrintStream progress) throws Exception {
    int most = options.quick() ? 20 : 1_000;
    try (TenantCreates one = new TenantCreates(Servers.milepost(options), 1, IN_FLIGHT);
        TenantCreates many = new TenantCreates(Servers.milepost(options), most, IN_FLIGHT)) {
      List<Measured> measured = new Interleaving(options, progress).run(List.of(one, many));
      one.check();
      many.check();
      return figures("growth.tenants", measured);
    }
  }

  /** The results are those with few and with many. */
  private static List<Figure> figures(String name, List<Measured> measured) {
    Measured few = measured.get(0);
    Measured many = measured.get(1);
    List<Figure> figures = new ArrayList<>();
    figures.add(new Figure(name, 1e6 / many.perSecond(), "us", 1e6 / few.perSecond(), GOAL));
    figures.add(new Figure(name + ".p50", many.millis(50), "ms", few.millis(50), Goal.NONE));
    figures.add(new Figure(name + ".p99", many.millis(99), "ms", few.millis(99), Goal.NONE));
    figures.add(Figure.plain(name + ".spread", many.spread(), "x"));
    figures.addAll(many.serverFigures(name));
    return figures;
  }
}
