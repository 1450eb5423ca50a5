package dev.milepost.server.job;

import dev.milepost.v1.RetryBackoffOrBuilder;
import java.time.Duration;
import java.util.SplittableRandom;

/** How long a job waits before a retry. */
final class Backoff {
  private static final Duration INITIAL = Duration.ofSeconds(1);
  private static final Duration MAX = Duration.ofMinutes(5);
  private static final double MULTIPLIER = 2;
  private static final double JITTER = 0.2;

  private Backoff() {}

  /**
   * Returns the wait before a retry.
   *
   * <p>The jitter is derived from the job's id and the number of the retry: it spreads jobs that
   * failed together, and a decision that is made twice waits for the same time.
   *
   * @param retries retries used so far
   */
  static Duration wait(RetryBackoffOrBuilder backoff, int retries, String jobId) {
    Duration initial = backoff.hasInitial() ? Times.duration(backoff.getInitial()) : INITIAL;
    Duration max = backoff.hasMax() ? Times.duration(backoff.getMax()) : longer(initial, MAX);
    double multiplier = backoff.hasMultiplier() ? backoff.getMultiplier() : MULTIPLIER;
    double limit = (double) max.toMillis();
    double nominal = Math.min((double) initial.toMillis() * Math.pow(multiplier, retries), limit);
    // 20 % less to 20 % more, but never more than the maximum.
    double low = nominal * (1 - JITTER);
    double high = Math.min(nominal * (1 + JITTER), limit);
    double random = new SplittableRandom(31L * jobId.hashCode() + retries).nextDouble();
    return Duration.ofMillis(Math.round(low + random * (high - low)));
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
