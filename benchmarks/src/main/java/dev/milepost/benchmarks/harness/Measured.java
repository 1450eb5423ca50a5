package dev.milepost.benchmarks.harness;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Statistics;
import dev.milepost.benchmarks.process.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What a variant did in its phases.
 *
 * @param name of the variant
 * @param phases what was done in each
 * @param serverCores processor time of its server by time, in each
 * @param driverCores the same of this process
 * @param memory of its server, after each
 */
public record Measured(
    String name,
    List<PhaseResult> phases,
    List<Double> serverCores,
    List<Double> driverCores,
    List<Memory> memory) {
  /** Of what runs in this process: no server has a part in it. */
  public static Measured alone(String name) {
    return new Measured(name, new ArrayList<>(), List.of(), List.of(), List.of());
  }

  /** Of what a server serves. */
  static Measured served(String name) {
    return new Measured(
        name, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
  }

  public double perSecond() {
    return median(PhaseResult::perSecond);
  }

  /** Median over the phases of the latency that so many percent stayed below, in milliseconds. */
  public double millis(double percentile) {
    return median(work -> work.millis(percentile));
  }

  double median(ToDoubleFunction<PhaseResult> figure) {
    return Statistics.median(phases.stream().mapToDouble(figure).toArray());
  }

  /** How far the phases lie apart: the greatest rate by the least. */
  public double spread() {
    return Statistics.spread(phases.stream().mapToDouble(PhaseResult::perSecond).toArray());
  }

  /**
   * What its server took of processor and memory.
   *
   * @param as what the figures' names begin with
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
