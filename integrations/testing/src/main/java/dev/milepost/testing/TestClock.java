package dev.milepost.testing;

import dev.milepost.server.concurrent.TimeSource;
import java.time.Duration;
import java.time.Instant;

/**
 * The clock of a {@link TestServer}, which moves only when a test advances it: leases, delays of
 * retries, timeouts and expiry take no time. Thread-safe.
 *
 * <p>Workers and clients are on the clock of the machine: a handler that sleeps takes its time, and
 * heartbeats are sent in real intervals.
 */
public final class TestClock implements TimeSource {
  private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

  /** The sum of all advances. */
  private Duration elapsed = Duration.ZERO;

  /** The sum of all jumps. */
  private Duration jumped = Duration.ZERO;

  private volatile Runnable onChange = () -> {};

  TestClock() {}

  /** Sets what runs after each change, on the thread that makes it. */
  void onChange(Runnable action) {
    onChange = action;
  }

  @Override
  public synchronized Instant instant() {
    return START.plus(elapsed).plus(jumped);
  }

  /** Returns the elapsed time in nanoseconds, which goes on by itself and follows advances. */
  @Override
  public long nanoTime() {
    return System.nanoTime() + wallNanoTime();
  }

  @Override
  public synchronized long wallNanoTime() {
    return elapsed.toNanos();
  }

  /**
   * Lets time pass at once. Returns when the server has done what is due by then: leases have
   * expired, jobs whose delay is over can be claimed, expired jobs are gone.
   *
   * <p>No worker is heard during that time, so a running job loses its lease if the time is longer.
   *
   * @param time not negative
   * @throws IllegalArgumentException if the time is negative
   * @throws IllegalStateException if the server does not do it within 10 s
   */
  public void advance(Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException(
          "Time does not run backward (" + time + "). Set the clock back with jump().");
    }
    synchronized (this) {
      elapsed = elapsed.plus(time);
    }
    onChange.run();
  }

  /**
   * Sets the clock forward or back, as an administrator does. No time passes: leases and timeouts
   * stay what they are.
   *
   * @param by how far; negative: back
   */
  public void jump(Duration by) {
    synchronized (this) {
      jumped = jumped.plus(by);
    }
    onChange.run();
  }

  @Override
  public String toString() {
    return "TestClock[" + instant() + "]";
  }
}
