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

/** Measures what log lines and tenants cost those who report and create. */
@Command(
    name = "growth",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Reports with a log line on jobs that keep ten lines and on jobs that keep 100,000; creates",
      "of one tenant and of a thousand."
    })
public final class GrowthWorkload extends Workload {
  /** What either may cost, as with jobs that are stored: many against few. */
  private static final Goal GOAL = Goal.atMost(1.2);

  private static final int JOBS = 16;
  private static final int FEW_LINES = 10;
  private static final int IN_FLIGHT = 16;

  public GrowthWorkload(PrintStream out, PrintStream err) {
    super(out, err);
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream people) throws Exception {
    List<Figure> figures = new ArrayList<>();
    figures.addAll(logLines(options, people));
    figures.addAll(tenants(options, people));
    return figures;
  }

  private static List<Figure> logLines(BenchOptions options, PrintStream people) throws Exception {
    int most = options.quick() ? 2_000 : 100_000;
    try (LogLineReports few = logged(FEW_LINES, options, people);
        LogLineReports many = logged(most, options, people)) {
      List<Measured> measured = new Interleaving(options, people).run(List.of(few, many));
      few.check();
      many.check();
      return figures("growth.log-lines", measured);
    }
  }

  /** A job keeps so many lines from the start to the end: for each that comes, the oldest goes. */
  private static LogLineReports logged(int lines, BenchOptions options, PrintStream people)
      throws Exception {
    people.printf("Writing %d log lines to each of %d jobs%n", lines, JOBS);
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

  private static List<Figure> tenants(BenchOptions options, PrintStream people) throws Exception {
    int most = options.quick() ? 20 : 1_000;
    try (TenantCreates one = new TenantCreates(Servers.milepost(options), 1, IN_FLIGHT);
        TenantCreates many = new TenantCreates(Servers.milepost(options), most, IN_FLIGHT)) {
      List<Measured> measured = new Interleaving(options, people).run(List.of(one, many));
      one.check();
      many.check();
      return figures("growth.tenants", measured);
    }
  }

  /** Few, then many. */
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
