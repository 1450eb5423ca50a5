package dev.milepost.benchmarks.harness;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.FigureTable;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs all workloads in turn. A failure of one does not lose the figures of the others. */
@Command(
    name = "all",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Runs all benchmarks but soak and micro, and prints one table at the end.")
public final class AllWorkload implements Callable<Integer> {
  private final PrintStream out;
  private final PrintStream err;
  private final List<? extends Workload> workloads;

  @Mixin private final BenchOptions options = new BenchOptions();

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   * @param workloads run in this order
   */
  public AllWorkload(PrintStream out, PrintStream err, List<? extends Workload> workloads) {
    this.out = out;
    this.err = err;
    this.workloads = workloads;
  }

  @Override
  public Integer call() throws InterruptedException {
    options.check();
    PrintStream progress = options.json() ? err : out;
    List<Figure> figures = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    for (Workload workload : workloads) {
      progress.printf("%n== %s%n", workload.name());
      try {
        List<Figure> found = workload.measure(options, progress);
        figures.addAll(found);
        if (options.json()) {
          // Now, in case the process is killed later.
          found.forEach(figure -> out.println(figure.json()));
        }
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        failures.add(workload.name() + " failed: " + e);
        progress.println(failures.get(failures.size() - 1));
      }
    }
    progress.println();
    FigureTable.lines(figures).forEach(progress::println);
    failures.forEach(failure -> err.println("bench: " + failure));
    return failures.isEmpty() ? 0 : 1;
  }
}
