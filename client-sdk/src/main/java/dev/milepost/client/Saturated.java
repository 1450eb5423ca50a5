package dev.milepost.client;

/** Sums that stop at the limits of 64 bits instead of wrapping. */
final class Saturated {
  private Saturated() {}

  static long add(long one, long other) {
    long sum = one + other;
    boolean overflows = ((one ^ sum) & (other ^ sum)) < 0;
    if (!overflows) {
      return sum;
    }
    return one < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
  }
}
