package dev.milepost.server.store.redis;

import dev.milepost.server.store.StoreClock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Assigns new jobs their positions in the order of creation: microseconds of the store's time, but
 * unique and increasing. Thread-safe.
 *
 * <p>Sorted sets can distinguish numbers below 2^53, which last until the year 2255.
 */
final class RedisJobNumbers {
  private final StoreClock clock;
  private long last;

  /**
   * Continues a sequence.
   *
   * @param last the highest number known to be assigned
   */
  RedisJobNumbers(StoreClock clock, long last) {
    this.clock = clock;
    this.last = last;
  }

  synchronized long next() {
    last = Math.max(last + 1, ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()));
    return last;
  }
}
