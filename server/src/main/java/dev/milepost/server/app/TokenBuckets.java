package dev.milepost.server.app;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Token buckets by name: each call takes tokens, and time refills the bucket. Thread-safe.
 *
 * <p>What is known to cost one token is refused when there is none. What costs an unknown number,
 * such as a request that is about to arrive, is charged afterwards: the bucket may then owe tokens,
 * and what comes next waits until time has paid for them.
 *
 * <p>A full bucket is the same as none and is dropped: there are never more buckets than names that
 * called within two bursts, or owe tokens.
 */
public final class TokenBuckets {
  private final double perSecond;
  private final double capacity;
  private final Duration burst;
  private final ConcurrentHashMap<String, Bucket> buckets = new ConcurrentHashMap<>();
  private final AtomicReference<Instant> swept = new AtomicReference<>(Instant.MIN);

  /**
   * Creates buckets of one size.
   *
   * @param perSecond tokens added per second, at least 0; 0 means unlimited
   * @param burst time in which an empty bucket fills up
   */
  public TokenBuckets(long perSecond, Duration burst) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.capacity = Math.max(1, perSecond * (burst.toMillis() / 1000.0));
  }

  /** Takes a token. Returns how long to wait for one; zero if it was taken. */
  public Duration take(String name, Instant now) {
    if (perSecond == 0) {
      return Duration.ZERO;
    }
    dropFull(now);
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

  /** Takes tokens, also if there are not as many. Takes none if the number is not positive. */
  public void charge(String name, long tokens, Instant now) {
    if (perSecond == 0 || tokens <= 0) {
      return;
    }
    dropFull(now);
    buckets.compute(
        name,
        (key, before) -> {
          double filled = before == null ? capacity : filled(before, now);
          return new Bucket(filled - tokens, now, true);
        });
  }

  /** Returns how long it takes until a bucket owes nothing; zero if it owes nothing now. */
  public Duration owed(String name, Instant now) {
    if (perSecond == 0) {
      return Duration.ZERO;
    }
    Bucket found = buckets.get(name);
    if (found == null || filled(found, now) >= 0) {
      return Duration.ZERO;
    }
    // Keeps the time of this question, so that a clock that was set back delays nobody for longer.
    Bucket after =
        buckets.computeIfPresent(
            name, (key, before) -> new Bucket(filled(before, now), now, before.given));
    return after == null || after.tokens >= 0
        ? Duration.ZERO
        : Duration.ofMillis((long) Math.ceil(-after.tokens / perSecond * 1000));
  }

  /** Returns the number of buckets. */
  public int size() {
    return buckets.size();
  }

  /** A clock that was set back adds and removes nothing. */
  private double filled(Bucket bucket, Instant now) {
    double seconds = Math.max(0, Duration.between(bucket.at, now).toNanos() / 1e9);
    return Math.min(capacity, bucket.tokens + seconds * perSecond);
  }

  private void dropFull(Instant now) {
    Instant last = swept.get();
    boolean due = now.minus(burst).isAfter(last) || now.isBefore(last);
    if (due && swept.compareAndSet(last, now)) {
      buckets.values().removeIf(bucket -> filled(bucket, now) >= capacity);
    }
  }

  private record Bucket(double tokens, Instant at, boolean given) {}
}
