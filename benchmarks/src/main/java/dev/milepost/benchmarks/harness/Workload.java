package dev.milepost.benchmarks.harness;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.FigureTable;
import java.io.PrintStream;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** One benchmark: a command that measures and prints figures. */
public abstract class Workload implements Callable<Integer> {
  private final PrintStream out;
  private final PrintStream err;

  @Mixin private final BenchOptions options = new BenchOptions();

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   */
  public Workload(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** Its name on the command line. */
  final String name() {
    return Objects.requireNonNull(getClass().getAnnotation(Command.class)).name();
  }

  /**
   * Runs the benchmark.
   *
   * @param progress receives progress messages
   */
  protected abstract List<Figure> measure(BenchOptions options, PrintStream progress)
      throws Exception;

  @Override
  public Integer call() throws Exception {
    options.check();
    PrintStream progress = options.json() ? err : out;
    List<Figure> figures = measure(options, progress);
    FigureTable.lines(figures).forEach(progress::println);
    if (options.json()) {
      figures.forEach(figure -> out.println(figure.json()));
    }
    return 0;
  }
}
