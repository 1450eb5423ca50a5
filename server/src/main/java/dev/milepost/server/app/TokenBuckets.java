package dev.milepost.server.app;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A bucket of tokens for each name: one call takes one token, time brings new ones. Thread-safe.
 *
 * <p>A bucket that has filled up again says no more than none at all, and is thrown away: there are
 * never more of them than names that called within two bursts' time.
 */
public final class TokenBuckets {
  private final double perSecond;
  private final double capacity;
  private final Duration burst;
  private final ConcurrentHashMap<String, Bucket> buckets = new ConcurrentHashMap<>();
  private final AtomicReference<Instant> swept = new AtomicReference<>(Instant.MIN);

  /**
   * Buckets of one size.
   *
   * @param perSecond tokens that a second brings; 0: there is no limit
   * @param burst time after which an empty bucket is full
   */
  public TokenBuckets(int perSecond, Duration burst) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.capacity = Math.max(1, perSecond * (burst.toMillis() / 1000.0));
  }

  /** Takes a token. Gives how long to wait for one: nothing where there was one. */
  public Duration take(String name, Instant now) {
    if (perSecond == 0) {
      return Duration.ZERO;
    }
    sweep(now);
    Bucket after =
        buckets.compute(
            name,
            (key, before) -> {
              double filled = before == null ? capacity : filled(before, now);
              return filled >= 1
                  ? new Bucket(filled - 1, now, true)
                  : new Bucket(filled, now, false);
            });
    return after.given
        ? Duration.ZERO
        : Duration.ofMillis((long) Math.ceil((1 - after.tokens) / perSecond * 1000));
  }

  /** Buckets that are kept. */
  public int size() {
    return buckets.size();
  }

  /** A clock that was set back brings nothing, and takes nothing. */
  private double filled(Bucket bucket, Instant now) {
    double seconds = Math.max(0, Duration.between(bucket.at, now).toNanos() / 1e9);
    return Math.min(capacity, bucket.tokens + seconds * perSecond);
  }

  private void sweep(Instant now) {
    Instant last = swept.get();
    boolean due = now.minus(burst).isAfter(last) || now.isBefore(last);
    if (due && swept.compareAndSet(last, now)) {
      buckets.values().removeIf(bucket -> filled(bucket, now) >= capacity);
    }
  }

  private record Bucket(double tokens, Instant at, boolean given) {}
}
