package dev.milepost.benchmarks.harness;

import org.HdrHistogram.Histogram;

/**
 * The result of one phase of a variant.
 *
 * @param done number of completed operations
 * @param nanos actual duration
 * @param latencies of the operations, in nanoseconds
 */
public record PhaseResult(long done, long nanos, Histogram latencies) {
  /** Returns the rate of operations per second. */
  public double perSecond() {
    return done / (nanos / 1e9);
  }

  /** Returns a latency percentile (0 to 100) in milliseconds. */
  public double millis(double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e6;
  }
}
