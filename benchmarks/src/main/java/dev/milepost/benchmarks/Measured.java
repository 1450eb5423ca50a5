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
 */
record Measured(
    String name, List<Work> phases, List<Double> serverCores, List<Double> driverCores) {
  /** Of what runs in this process: no server has a part in it. */
  static Measured alone(String name) {
    return new Measured(name, new ArrayList<>(), List.of(), List.of());
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

  double serverCpu() {
    return Statistics.median(serverCores.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
