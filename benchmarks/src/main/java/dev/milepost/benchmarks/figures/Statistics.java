package dev.milepost.benchmarks.figures;

import java.util.Arrays;

/** Summaries of several measurements. */
public final class Statistics {
  private Statistics() {}

  /** Returns the median; of an even number of values, the mean of the two in the middle. */
  public static double median(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("there is no median of no values");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** Returns the value divided by the floor; NaN if there is no floor. */
  public static double ratio(double value, double floor) {
    return floor > 0 ? value / floor : Double.NaN;
  }

  /** Returns the greatest value divided by the least. */
  public static double spread(double... values) {
    return ratio(Arrays.stream(values).max().orElse(0), Arrays.stream(values).min().orElse(0));
  }
}
