package dev.milepost.server.store;

import dev.milepost.server.concurrent.TimeSource;
import java.time.Duration;
import java.time.Instant;

/**
 * A clock that only moves when a test advances it. The elapsed time goes on by itself and follows
 * advances. Thread-safe.
 */
public final class SettableClock implements TimeSource {
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  private volatile Instant now = START;

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public long nanoTime() {
    return System.nanoTime() + Duration.between(START, now).toNanos();
  }

  /** Moves the clock. */
  public void advance(Duration duration) {
    now = now.plus(duration);
  }
}
