package dev.milepost.benchmarks.harness;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Statistics;
import dev.milepost.benchmarks.process.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The results of a variant.
 *
 * @param name of the variant
 * @param phases result of each phase
 * @param serverCores cores that its server used in each phase
 * @param driverCores cores that this process used in each phase
 * @param memory of its server after each phase
 */
public record Measured(
    String name,
    List<PhaseResult> phases,
    List<Double> serverCores,
    List<Double> driverCores,
    List<Memory> memory) {
  /** Creates an empty result of a variant that runs in this process. */
  public static Measured alone(String name) {
    return new Measured(name, new ArrayList<>(), List.of(), List.of(), List.of());
  }

  /** Creates an empty result of a variant that uses a server. */
  static Measured served(String name) {
    return new Measured(
        name, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
  }

  /** Returns the median rate of the phases, in operations per second. */
  public double perSecond() {
    return median(PhaseResult::perSecond);
  }

  /** Returns the median over the phases of a latency percentile, in milliseconds. */
  public double millis(double percentile) {
    return median(work -> work.millis(percentile));
  }

  double median(ToDoubleFunction<PhaseResult> figure) {
    return Statistics.median(phases.stream().mapToDouble(figure).toArray());
  }

  /** Returns the highest rate of the phases divided by the lowest. */
  public double spread() {
    return Statistics.spread(phases.stream().mapToDouble(PhaseResult::perSecond).toArray());
  }

  /**
   * Returns the CPU and memory figures of the server.
   *
   * @param as prefix of the figure names
   */
  public List<Figure> serverFigures(String as) {
    List<Figure> figures = new ArrayList<>();
    figures.add(Figure.plain(as + ".server-cpu", serverCpu(), "cores"));
    figures.addAll(Memory.figures(as, memory));
    return figures;
  }

  private double serverCpu() {
    return Statistics.median(serverCores.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
