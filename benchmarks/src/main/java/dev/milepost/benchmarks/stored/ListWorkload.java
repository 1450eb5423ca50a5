package dev.milepost.benchmarks.stored;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
import dev.milepost.benchmarks.floors.EchoUnary;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Interleaving;
import dev.milepost.benchmarks.harness.Measured;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.harness.Workload;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/** Measures the cost of lists and counts by the number of stored jobs. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Lists the newest fifty jobs by owner, by state, by type and twenty pages deep, and counts,",
      "with ten thousand and with a million stored jobs (--most)."
    })
public final class ListWorkload extends Workload {
  private static final int IN_FLIGHT = 16;

  /** The newest page may take this many echoes, plus some milliseconds. */
  private static final double ECHOES = 1.5;

  private static final double MILLIS = 0.3;

  private final FilledStores stores;

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   * @param stores shared by the benchmarks of a run
   */
  public ListWorkload(PrintStream out, PrintStream err, FilledStores stores) {
    super(out, err);
    this.stores = stores;
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream progress) throws Exception {
    try (FilledStore some = store("10k", options.some(), options, progress);
        FilledStore most = store(options.mostName(), options.most(), options, progress);
        EchoUnary echo = new EchoUnary("direct", 1)) {
      some.check();
      most.check();
      List<Variant> variants = new ArrayList<>();
      for (StoreQuery query : StoreQuery.values()) {
        variants.add(new QueryVariant(some, query, 1));
        variants.add(new QueryVariant(most, query, 1));
      }
      variants.add(new QueryVariant(some, StoreQuery.NEWEST, IN_FLIGHT));
      variants.add(new QueryVariant(most, StoreQuery.NEWEST, IN_FLIGHT));
      variants.add(echo);
      // All variants of a server warm it up.
      List<Measured> measured =
          new Interleaving(options, progress)
              .run(variants, options.warmUp().dividedBy(StoreQuery.values().length));
      return figures(measured, options.mostName());
    }
  }

  private FilledStore store(String name, int jobs, BenchOptions options, PrintStream progress)
      throws Exception {
    return new FilledStore(name, stores.mixed(jobs, options, progress), jobs);
  }

  private static List<Figure> figures(List<Measured> measured, String mostName) {
    List<Figure> figures = new ArrayList<>();
    int next = 0;
    for (StoreQuery query : StoreQuery.values()) {
      String name = "list." + query.name().toLowerCase(Locale.ROOT);
      double few = measured.get(next++).millis(50);
      Measured many = measured.get(next++);
      figures.add(
          new Figure(name + ".cost-" + mostName, many.millis(50), "ms", few, Goal.atMost(1.2)));
      figures.add(Figure.plain(name + ".p99", many.millis(99), "ms"));
    }
    Measured some = measured.get(next++);
    Measured most = measured.get(next++);
    figures.add(
        new Figure("list.newest.rate", most.perSecond(), "1/s", some.perSecond(), Goal.NONE));
    figures.addAll(some.serverFigures("list.10k"));
    figures.addAll(most.serverFigures("list." + mostName));
    double echo = measured.get(next).millis(50);
    double allowed = ECHOES * echo + MILLIS;
    double newest = measured.get(1).millis(50);
    figures.add(0, new Figure("list.newest.p50", newest, "ms", allowed, Goal.atMost(1)));
    figures.add(Figure.plain("floor.echo-unary-direct-1.p50", echo, "ms"));
    return figures;
  }
}
