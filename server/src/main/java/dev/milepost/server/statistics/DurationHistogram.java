package dev.milepost.server.statistics;

import dev.milepost.storage.v1.DurationCounts;
import java.time.Duration;
import java.util.Arrays;

/**
 * Durations, counted in at most {@link #MAX_BUCKETS} buckets of exponential width. Where these do
 * not reach from the shortest to the longest duration, each two of them become one, so that a
 * histogram is as exact as its range allows, and any two can be added up. Not thread-safe.
 *
 * <p>At scale s, bucket i has the durations from {@code 2^(i / 2^s)} milliseconds to less than
 * {@code 2^((i + 1) / 2^s)}, and stands for its geometric mean. So an estimate is off by at most a
 * factor of {@code 2^(1 / 2^(s + 1))}: 4.5 % at scale 3, 9.1 % at 2, 19 % at 1, 42 % at 0.
 */
final class DurationHistogram {
  /** Maximum number of buckets; at scale 0, they reach from a millisecond to 49 days. */
  static final int MAX_BUCKETS = 32;

  private static final int MAX_SCALE = 3;
  private static final double MAX_MILLIS = 4.29e9;

  private int scale = MAX_SCALE;
  private int offset;
  private int[] counts = {};

  boolean isEmpty() {
    return counts.length == 0;
  }

  /** Counts a duration; one shorter than a millisecond as one. */
  void add(Duration duration) {
    double millis = duration.getSeconds() * 1e3 + duration.getNano() / 1e6;
    double bounded = Math.min(MAX_MILLIS, Math.max(1, millis));
    int finest = (int) (Math.log(bounded) / Math.log(2) * (1 << MAX_SCALE));
    add(finest >> (MAX_SCALE - scale), 1);
  }

  /** Adds the durations of another histogram. */
  void add(DurationHistogram other) {
    if (other.isEmpty()) {
      return;
    }
    while (scale > other.scale) {
      coarsen();
    }
    for (int i = 0; i < other.counts.length; i++) {
      if (other.counts[i] > 0) {
        // Adding may coarsen this one.
        add((other.offset + i) >> (other.scale - scale), other.counts[i]);
      }
    }
  }

  private void add(int bucket, int count) {
    int at = bucket;
    while (Math.max(last(), at) - Math.min(first(at), at) >= MAX_BUCKETS) {
      coarsen();
      at >>= 1;
    }
    reach(at);
    counts[at - offset] = (int) Math.min(Integer.MAX_VALUE, (long) counts[at - offset] + count);
  }

  private int first(int ifEmpty) {
    return counts.length == 0 ? ifEmpty : offset;
  }

  private int last() {
    return counts.length == 0 ? Integer.MIN_VALUE / 2 : offset + counts.length - 1;
  }

  /** Makes room for a bucket. */
  private void reach(int bucket) {
    int first = Math.min(first(bucket), bucket);
    int width = Math.max(last(), bucket) - first + 1;
    if (counts.length != width || first != offset) {
      int[] wider = new int[width];
      System.arraycopy(counts, 0, wider, counts.length == 0 ? 0 : offset - first, counts.length);
      counts = wider;
      offset = first;
    }
  }

  /** Makes one bucket of each two. */
  private void coarsen() {
    scale--;
    if (counts.length == 0) {
      return;
    }
    int first = offset >> 1;
    int[] merged = new int[((offset + counts.length - 1) >> 1) - first + 1];
    for (int i = 0; i < counts.length; i++) {
      int at = ((offset + i) >> 1) - first;
      merged[at] = (int) Math.min(Integer.MAX_VALUE, (long) merged[at] + counts[i]);
    }
    offset = first;
    counts = merged;
  }

  /** Returns how many durations were counted. */
  long count() {
    return Arrays.stream(counts).asLongStream().sum();
  }

  /**
   * Estimates the duration that a share of all does not exceed.
   *
   * @param share more than 0, at most 1
   * @return zero if there are none
   */
  Duration quantile(double share) {
    long rank = Math.max(1, (long) Math.ceil(count() * share));
    long passed = 0;
    for (int i = 0; i < counts.length; i++) {
      passed += counts[i];
      if (passed >= rank) {
        double millis = Math.pow(2, (offset + i + 0.5) / (1 << scale));
        return Duration.ofNanos((long) (millis * 1e6));
      }
    }
    return Duration.ZERO;
  }

  /** Returns the histogram as it is stored. */
  DurationCounts stored() {
    DurationCounts.Builder stored = DurationCounts.newBuilder().setScale(scale).setOffset(offset);
    for (int count : counts) {
      stored.addCounts(count);
    }
    return stored.build();
  }

  /** Returns a histogram as it was stored; an empty one if that is not what a server stores. */
  static DurationHistogram of(DurationCounts stored) {
    DurationHistogram histogram = new DurationHistogram();
    boolean isKnown =
        stored.getScale() >= 0
            && stored.getScale() <= MAX_SCALE
            && stored.getOffset() >= 0
            && stored.getCountsCount() <= MAX_BUCKETS
            && stored.getOffset() <= (MAX_BUCKETS << stored.getScale()) - stored.getCountsCount()
            && stored.getCountsList().stream().allMatch(count -> count >= 0);
    if (isKnown && stored.getCountsCount() > 0) {
      histogram.scale = stored.getScale();
      histogram.offset = stored.getOffset();
      histogram.counts = stored.getCountsList().stream().mapToInt(count -> count).toArray();
    }
    return histogram;
  }
}
