package dev.milepost.benchmarks.harness;

import org.HdrHistogram.Histogram;

/**
 * What was done in a time.
 *
 * @param done how often
 * @param nanos how long it really took
 * @param latencies of each, in nanoseconds
 */
public record PhaseResult(long done, long nanos, Histogram latencies) {
  public double perSecond() {
    return done / (nanos / 1e9);
  }

  /** Latency in milliseconds that so many percent stayed below. */
  public double millis(double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e6;
  }
}
