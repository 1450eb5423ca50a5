package dev.milepost.benchmarks.harness;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.FigureTable;
import java.io.PrintStream;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** One benchmark: a command that measures, and prints what it has found. */
public abstract class Workload implements Callable<Integer> {
  private final PrintStream out;
  private final PrintStream err;

  @Mixin private final BenchOptions options = new BenchOptions();

  public Workload(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** As it stands on the command line. */
  final String name() {
    return Objects.requireNonNull(getClass().getAnnotation(Command.class)).name();
  }

  /**
   * Measures.
   *
   * @param people where to say how it goes
   */
  protected abstract List<Figure> measure(BenchOptions options, PrintStream people)
      throws Exception;

  @Override
  public Integer call() throws Exception {
    PrintStream people = options.json() ? err : out;
    List<Figure> figures = measure(options, people);
    FigureTable.lines(figures).forEach(people::println);
    if (options.json()) {
      figures.forEach(figure -> out.println(figure.json()));
    }
    return 0;
  }
}
