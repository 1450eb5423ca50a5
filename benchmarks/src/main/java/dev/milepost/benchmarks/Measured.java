package dev.milepost.benchmarks;

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
record Measured(
    String name,
    List<Work> phases,
    List<Double> serverCores,
    List<Double> driverCores,
    List<Memory> memory) {
  /** Of what runs in this process: no server has a part in it. */
  static Measured alone(String name) {
    return new Measured(name, new ArrayList<>(), List.of(), List.of(), List.of());
  }

  /** Of what a server serves. */
  static Measured served(String name) {
    return new Measured(
        name, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
  }

  double perSecond() {
    return median(Work::perSecond);
  }

  /** Median over the phases of the latency that so many percent stayed below, in milliseconds. */
  double millis(double percentile) {
    return median(work -> work.millis(percentile));
  }

  double median(ToDoubleFunction<Work> figure) {
    return Statistics.median(phases.stream().mapToDouble(figure).toArray());
  }

  /** How far the phases lie apart: the greatest rate by the least. */
  double spread() {
    return Statistics.spread(phases.stream().mapToDouble(Work::perSecond).toArray());
  }

  /**
   * What its server took of processor and memory.
   *
   * @param as what the figures' names begin with
   */
  List<Figure> serverFigures(String as) {
    List<Figure> figures = new ArrayList<>();
    figures.add(Figure.plain(as + ".server-cpu", serverCpu(), "cores"));
    figures.addAll(Memory.figures(as, memory));
    return figures;
  }

  private double serverCpu() {
    return Statistics.median(serverCores.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
