package dev.milepost.benchmarks.figures;

import java.util.Locale;

/**
 * One figure of a run.
 *
 * @param value measured value
 * @param unit of the value and the floor
 * @param floor what the value is compared with; NaN: nothing
 * @param goal for the ratio of value to floor, or for the value if there is no floor
 */
public record Figure(String name, double value, String unit, double floor, Goal goal) {
  /** Returns a figure without floor and goal. */
  public static Figure plain(String name, double value, String unit) {
    return new Figure(name, value, unit, Double.NaN, Goal.NONE);
  }

  double ratio() {
    return Statistics.ratio(value, floor);
  }

  /** Whether there is a goal and a value to compare with it. */
  boolean isJudged() {
    return goal.isSet() && !Double.isNaN(judged());
  }

  boolean met() {
    return goal.isMetBy(judged());
  }

  private double judged() {
    return Double.isNaN(floor) ? value : ratio();
  }

  /** Returns one line of JSON. Absent values are null. */
  public String json() {
    return "{\"name\":\"%s\",\"value\":%s,\"unit\":\"%s\",\"floor\":%s,\"ratio\":%s,\"goal\":%s,\"met\":%s}"
        .formatted(
            name,
            number(value),
            unit,
            number(floor),
            number(ratio()),
            number(goal.bound()),
            isJudged() ? Boolean.toString(met()) : "null");
  }

  private static String number(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4f", value) : "null";
  }
}
