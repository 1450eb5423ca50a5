package dev.milepost.server.store;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that only moves when a test advances it. Thread-safe. */
public final class SettableClock implements InstantSource {
  private volatile Instant now = Instant.parse("2026-03-01T12:00:00Z");

  @Override
  public Instant instant() {
    return now;
  }

  /** Moves the clock. */
  public void advance(Duration duration) {
    now = now.plus(duration);
  }
}
