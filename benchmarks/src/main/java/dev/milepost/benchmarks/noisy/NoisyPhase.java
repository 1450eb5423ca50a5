package dev.milepost.benchmarks.noisy;

import dev.milepost.benchmarks.process.Memory;
import org.HdrHistogram.Histogram;

/**
 * What was measured in one phase.
 *
 * @param neighbour what the other client did
 * @param seconds how long it was measured
 * @param latencies of the well-behaved client, in nanoseconds from when a call was meant to be sent
 * @param sentLatencies the same from when it was sent
 * @param accepted calls of the other client that were answered
 * @param refused calls of the other client that were refused
 * @param heldBack calls of the other client that were not sent, since too many had no answer
 * @param serverCores processor time of the server by time
 * @param driverCores processor time of this process by time
 * @param machineCores processor time of all processes by time; NaN where nobody knows
 * @param memory of the server after it
 */
record NoisyPhase(
    Neighbor neighbour,
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

  /** Latency in milliseconds that so many percent of the calls stayed below. */
  double millis(double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e6;
  }

  /** The same from when the calls were sent. */
  double sentMillis(double percentile) {
    return sentLatencies.getValueAtPercentile(percentile) / 1e6;
  }

  /** Processor time of processes that have nothing to do with the measurement. */
  double otherCores() {
    return Math.max(0, machineCores - serverCores - driverCores);
  }
}
