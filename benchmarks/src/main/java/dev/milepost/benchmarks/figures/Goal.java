package dev.milepost.benchmarks.figures;

import java.util.Locale;

/**
 * What a figure is to be: at most so much, or at least.
 *
 * @param bound the bound; NaN: there is no goal
 * @param atLeast whether more is better
 */
public record Goal(double bound, boolean atLeast) {
  public static final Goal NONE = new Goal(Double.NaN, false);

  public static Goal atMost(double bound) {
    return new Goal(bound, false);
  }

  public static Goal atLeast(double bound) {
    return new Goal(bound, true);
  }

  boolean isSet() {
    return !Double.isNaN(bound);
  }

  boolean isMetBy(double value) {
    return atLeast ? value >= bound : value <= bound;
  }

  @Override
  public String toString() {
    return isSet() ? String.format(Locale.ROOT, "%s %.2f", atLeast ? ">=" : "<=", bound) : "";
  }
}
