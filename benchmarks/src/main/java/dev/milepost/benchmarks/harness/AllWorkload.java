package dev.milepost.benchmarks.harness;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.FigureTable;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs one workload after the other. What one has found is not lost where another fails. */
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

  public AllWorkload(PrintStream out, PrintStream err, List<? extends Workload> workloads) {
    this.out = out;
    this.err = err;
    this.workloads = workloads;
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintStream people = options.json() ? err : out;
    List<Figure> figures = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    for (Workload workload : workloads) {
      people.printf("%n== %s%n", workload.name());
      try {
        List<Figure> found = workload.measure(options, people);
        figures.addAll(found);
        if (options.json()) {
          // At once: nobody knows what comes.
          found.forEach(figure -> out.println(figure.json()));
        }
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        failures.add(workload.name() + " has failed: " + e);
        people.println(failures.get(failures.size() - 1));
      }
    }
    people.println();
    FigureTable.lines(figures).forEach(people::println);
    failures.forEach(failure -> err.println("bench: " + failure));
    return failures.isEmpty() ? 0 : 1;
  }
}
