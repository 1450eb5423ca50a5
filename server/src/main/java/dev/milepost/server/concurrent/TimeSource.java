package dev.milepost.server.concurrent;

import java.time.Instant;
import java.time.InstantSource;

/**
 * The time of a server: the wall clock, and the elapsed time that does not jump when the clock is
 * set. Thread-safe.
 *
 * <p>Everything that a server decides uses this. Only the engines of the stores read the time of
 * the machine themselves, to limit and to measure calls to a database, whose time nobody can set.
 */
public interface TimeSource extends InstantSource {
  /**
   * Returns the elapsed time in nanoseconds since an arbitrary origin. Only differences are
   * meaningful, as with {@link System#nanoTime()}; the value never decreases.
   */
  long nanoTime();

  /**
   * Returns the elapsed time, as {@link #nanoTime()} does, by which the wall clock should have
   * advanced: if it has not, it was set. Differs from {@code nanoTime} if the wall clock is one
   * that stands still, as in tests.
   */
  default long wallNanoTime() {
    return nanoTime();
  }

  /** Returns the time of this machine. */
  static TimeSource system() {
    return new TimeSource() {
      @Override
      public Instant instant() {
        return Instant.now();
      }

      @Override
      public long nanoTime() {
        return System.nanoTime();
      }
    };
  }
}
