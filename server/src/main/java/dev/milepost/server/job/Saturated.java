package dev.milepost.server.job;

/** Sums of numbers that callers make grow: they stop at the limit of their type, and never wrap. */
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

  static int increment(int number) {
    return number == Integer.MAX_VALUE ? number : number + 1;
  }
}
