package dev.milepost.server.job;

import dev.milepost.v1.RetryBackoffOrBuilder;
import java.time.Duration;
import java.util.SplittableRandom;

/** How long a job waits before it is tried again. */
final class Backoff {
  private static final Duration INITIAL = Duration.ofSeconds(1);
  private static final Duration MAX = Duration.ofMinutes(5);
  private static final double MULTIPLIER = 2;
  private static final double JITTER = 0.2;

  private Backoff() {}

  /**
   * The wait before a retry.
   *
   * <p>The jitter comes from the job's id and the retry's number: it spreads jobs that failed
   * together, and the same decision made twice waits the same time.
   *
   * @param retries retries used so far
   */
  static Duration wait(RetryBackoffOrBuilder backoff, int retries, String jobId) {
    Duration initial = backoff.hasInitial() ? Times.duration(backoff.getInitial()) : INITIAL;
    Duration max = backoff.hasMax() ? Times.duration(backoff.getMax()) : longer(initial, MAX);
    double multiplier = backoff.hasMultiplier() ? backoff.getMultiplier() : MULTIPLIER;
    double longest = (double) max.toMillis();
    double nominal = Math.min((double) initial.toMillis() * Math.pow(multiplier, retries), longest);
    // Between a fifth less and a fifth more, but not beyond the longest: there the spread narrows.
    double low = nominal * (1 - JITTER);
    double high = Math.min(nominal * (1 + JITTER), longest);
    double random = new SplittableRandom(31L * jobId.hashCode() + retries).nextDouble();
    return Duration.ofMillis(Math.round(low + random * (high - low)));
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
