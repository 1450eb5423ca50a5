package dev.milepost.benchmarks;

import java.util.Locale;

/**
 * One figure of a run.
 *
 * @param name what it is
 * @param value what was measured
 * @param unit of the value and the floor
 * @param floor what it is held against; NaN: nothing
 * @param goal greatest ratio of value and floor that is good enough; NaN: none
 */
record Figure(String name, double value, String unit, double floor, double goal) {
  static Figure plain(String name, double value, String unit) {
    return new Figure(name, value, unit, Double.NaN, Double.NaN);
  }

  double ratio() {
    return Statistics.ratio(value, floor);
  }

  boolean met() {
    return ratio() <= goal;
  }

  /** One line of JSON; what is not there is null. */
  String json() {
    return "{\"name\":\"%s\",\"value\":%s,\"unit\":\"%s\",\"floor\":%s,\"ratio\":%s,\"goal\":%s,\"met\":%s}"
        .formatted(
            name,
            number(value),
            unit,
            number(floor),
            number(ratio()),
            number(goal),
            Double.isNaN(goal) || Double.isNaN(ratio()) ? "null" : Boolean.toString(met()));
  }

  private static String number(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4f", value) : "null";
  }
}
