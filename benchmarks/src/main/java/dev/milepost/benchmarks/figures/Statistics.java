package dev.milepost.benchmarks.figures;

import java.util.Arrays;

/** What several measurements say together. */
public final class Statistics {
  private Statistics() {}

  /** The one in the middle; of an even number, the mean of the two in the middle. */
  public static double median(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("nothing has no median");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** How many times the floor; NaN where there is no floor. */
  public static double ratio(double value, double floor) {
    return floor > 0 ? value / floor : Double.NaN;
  }

  /** How far repetitions of the same measurement lie apart: the greatest by the least. */
  public static double spread(double... values) {
    return ratio(Arrays.stream(values).max().orElse(0), Arrays.stream(values).min().orElse(0));
  }
}
