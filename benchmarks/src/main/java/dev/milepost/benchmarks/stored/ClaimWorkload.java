package dev.milepost.benchmarks.stored;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Interleaving;
import dev.milepost.benchmarks.harness.Measured;
import dev.milepost.benchmarks.harness.Workload;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** Measures the cost of claims by the size of the backlog. */
@Command(
    name = "claim",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Claims, completes and creates jobs, 16 in flight, while a thousand, a hundred thousand and"
          + " a",
      "million jobs (--most) are waiting."
    })
public final class ClaimWorkload extends Workload {
  private static final int IN_FLIGHT = 16;

  private final FilledStores stores;

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   * @param stores shared by the benchmarks of a run
   */
  public ClaimWorkload(PrintStream out, PrintStream err, FilledStores stores) {
    super(out, err);
    this.stores = stores;
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream progress) throws Exception {
    try (ClaimCycles few = cycles("claim-1k", options.few(), options, progress);
        ClaimCycles many = cycles("claim-100k", options.many(), options, progress);
        ClaimCycles most =
            cycles("claim-" + options.mostName(), options.most(), options, progress)) {
      List<Measured> measured = new Interleaving(options, progress).run(List.of(few, many, most));
      few.check();
      many.check();
      most.check();
      List<Figure> figures = new ArrayList<>();
      figures.add(
          cost(
              "claim.cost-" + options.mostName(),
              measured.get(2),
              measured.get(0),
              Goal.atMost(1.2)));
      figures.add(cost("claim.cost-100k", measured.get(1), measured.get(0), Goal.NONE));
      figures.addAll(figures("claim.1k", measured.get(0)));
      figures.addAll(figures("claim.100k", measured.get(1)));
      figures.addAll(figures("claim." + options.mostName(), measured.get(2)));
      return figures;
    }
  }

  private ClaimCycles cycles(String name, int backlog, BenchOptions options, PrintStream progress)
      throws Exception {
    return new ClaimCycles(name, stores.queued(backlog, options, progress), backlog, IN_FLIGHT);
  }

  /** The time of one cycle. */
  private static Figure cost(String name, Measured value, Measured floor, Goal goal) {
    return new Figure(name, 1e6 / value.perSecond(), "us", 1e6 / floor.perSecond(), goal);
  }

  private static List<Figure> figures(String name, Measured measured) {
    List<Figure> figures = new ArrayList<>();
    figures.add(Figure.plain(name + ".rate", measured.perSecond(), "1/s"));
    figures.add(Figure.plain(name + ".p50", measured.millis(50), "ms"));
    figures.add(Figure.plain(name + ".p99", measured.millis(99), "ms"));
    figures.add(Figure.plain(name + ".spread", measured.spread(), "x"));
    figures.addAll(measured.serverFigures(name));
    return figures;
  }
}
