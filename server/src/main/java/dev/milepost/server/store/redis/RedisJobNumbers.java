package dev.milepost.server.store.redis;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/**
 * Gives new jobs their place in the order of creation: microseconds of the store's time, but each
 * number once and never a lower one than before. Thread-safe.
 *
 * <p>Below 2^53, up to the year 2255, a sorted set can tell each from the next.
 */
final class RedisJobNumbers {
  private final InstantSource clock;
  private long last;

  /**
   * Goes on.
   *
   * @param last the highest number that is known to have been given
   */
  RedisJobNumbers(InstantSource clock, long last) {
    this.clock = clock;
    this.last = last;
  }

  synchronized long next() {
    last = Math.max(last + 1, ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()));
    return last;
  }
}
