package dev.milepost.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Random delays between tries, up to a bound that doubles (full jitter). Not thread-safe. */
final class Backoff {
  private final Duration initial;
  private final Duration max;
  private int tries;

  /** The first delay is at most {@code initial}, every delay at most {@code max}. */
  Backoff(Duration initial, Duration max) {
    this.initial = initial;
    this.max = max;
  }

  /** The backoff for calls: starts short, and is long enough not to overload a starting server. */
  static Backoff standard() {
    return new Backoff(Duration.ofMillis(100), Duration.ofSeconds(3));
  }

  /**
   * Returns the delay before the next try, at least what the server asks for. A server that shuts
   * down asks all its watchers for the same delay, so they are spread over as much again.
   */
  Duration next(ServerError error) {
    long bound = Math.min(max.toNanos(), initial.toNanos() << Math.min(tries, 16));
    tries++;
    Duration asked = error.retryAfter();
    if (asked == null) {
      return random(bound);
    }
    Duration spread = asked.compareTo(max) < 0 ? asked : max;
    return asked.plus(random(Math.max(bound, spread.toNanos())));
  }

  private static Duration random(long boundNanos) {
    return Duration.ofNanos(ThreadLocalRandom.current().nextLong(boundNanos + 1));
  }

  /** Starts over with short delays, after a success. */
  void reset() {
    tries = 0;
  }
}
