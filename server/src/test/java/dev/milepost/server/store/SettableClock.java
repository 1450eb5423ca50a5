package dev.milepost.server.store;

import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.job.ClockReading;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A clock that only moves when a test advances it. The elapsed time goes on by itself and follows
 * advances. Thread-safe.
 */
public final class SettableClock implements TimeSource, StoreClock {
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  /**
   * Where the clock is.
   *
   * @param elapsed the sum of all advances
   * @param jumped the sum of all jumps
   */
  private record Position(Duration elapsed, Duration jumped) {}

  private final AtomicReference<Position> position =
      new AtomicReference<>(new Position(Duration.ZERO, Duration.ZERO));

  @Override
  public Instant instant() {
    Position at = position.get();
    return START.plus(at.elapsed).plus(at.jumped);
  }

  @Override
  public ClockReading read() {
    return ClockReading.at(instant());
  }

  @Override
  public long nanoTime() {
    return System.nanoTime() + wallNanoTime();
  }

  @Override
  public long wallNanoTime() {
    return position.get().elapsed.toNanos();
  }

  /** Moves the clock: so much time passes. */
  public void advance(Duration duration) {
    position.updateAndGet(at -> new Position(at.elapsed.plus(duration), at.jumped));
  }

  /** Sets the clock forward, or back: no time passes. */
  public void jump(Duration duration) {
    position.updateAndGet(at -> new Position(at.elapsed, at.jumped.plus(duration)));
  }
}
