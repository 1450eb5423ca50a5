package dev.milepost.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Waits between tries: random up to a bound that doubles (full jitter). Not thread-safe. */
final class Backoff {
  private final Duration first;
  private final Duration most;
  private int tries;

  /** The first wait is up to {@code first}, none is beyond {@code most}. */
  Backoff(Duration first, Duration most) {
    this.first = first;
    this.most = most;
  }

  /** For calls: quick at first, and seldom enough not to press a server that comes up. */
  static Backoff standard() {
    return new Backoff(Duration.ofMillis(100), Duration.ofSeconds(3));
  }

  /** How long to wait before the next try, and no shorter than the server asks. */
  Duration next(ServerError error) {
    long bound = Math.min(most.toNanos(), first.toNanos() << Math.min(tries, 16));
    tries++;
    Duration wait = Duration.ofNanos(ThreadLocalRandom.current().nextLong(bound + 1));
    Duration asked = error.retryAfter();
    return asked == null ? wait : asked.plus(wait);
  }

  /** It worked: the next wait is a short one again. */
  void reset() {
    tries = 0;
  }
}
