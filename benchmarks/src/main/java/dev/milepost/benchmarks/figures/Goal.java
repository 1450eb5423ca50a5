package dev.milepost.benchmarks.figures;

import java.util.Locale;

/**
 * An upper or lower bound for a figure.
 *
 * @param bound the bound; NaN: no goal
 * @param atLeast whether it is a lower bound
 */
public record Goal(double bound, boolean atLeast) {
  /** No goal. */
  public static final Goal NONE = new Goal(Double.NaN, false);

  /** Returns an upper bound. */
  public static Goal atMost(double bound) {
    return new Goal(bound, false);
  }

  /** Returns a lower bound. */
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
