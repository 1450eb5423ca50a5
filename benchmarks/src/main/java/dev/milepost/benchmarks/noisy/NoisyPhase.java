package dev.milepost.benchmarks.noisy;

import dev.milepost.benchmarks.process.Memory;
import org.HdrHistogram.Histogram;

/**
 * The result of one phase.
 *
 * @param neighbor what the other client did
 * @param seconds duration
 * @param latencies of the well-behaved client, in nanoseconds from the intended send time
 * @param sentLatencies the same from the actual send time
 * @param accepted calls of the other client that succeeded
 * @param refused calls of the other client that were rejected
 * @param heldBack calls of the other client that were not sent, because too many were in flight
 * @param serverCores cores that the server used
 * @param driverCores cores that this process used
 * @param machineCores cores that all processes used; NaN if unknown
 * @param memory of the server after the phase
 */
record NoisyPhase(
    Neighbor neighbor,
    double seconds,
    Histogram latencies,
    Histogram sentLatencies,
    int accepted,
    int refused,
    int heldBack,
    double serverCores,
    double driverCores,
    double machineCores,
    Memory memory) {

  /** Returns a latency percentile (0 to 100) in milliseconds, from the intended send time. */
  double millis(double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e6;
  }

  /** Returns the same from the actual send time. */
  double sentMillis(double percentile) {
    return sentLatencies.getValueAtPercentile(percentile) / 1e6;
  }

  /** Returns the cores that unrelated processes used. */
  double otherCores() {
    return Math.max(0, machineCores - serverCores - driverCores);
  }
}
