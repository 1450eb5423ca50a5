package dev.milepost.examples.hashtree;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Slows work down to a constant rate, so that people can watch a short job. Not thread-safe. */
final class Pace {
  /** Full speed. */
  static final Pace UNLIMITED = new Pace(Double.POSITIVE_INFINITY, () -> 0, nanos -> {});

  /** Short, so that a cancel takes effect at once. */
  private static final long MAX_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final double bytesPerSecond;
  private final LongSupplier nanoTime;
  private final Sleeper sleeper;
  private final long start;
  private long bytes;

  /**
   * @param nanoTime elapsed time in nanoseconds
   */
  Pace(double bytesPerSecond, LongSupplier nanoTime, Sleeper sleeper) {
    this.bytesPerSecond = bytesPerSecond;
    this.nanoTime = nanoTime;
    this.sleeper = sleeper;
    this.start = nanoTime.getAsLong();
  }

  /** Waits for a time. */
  @FunctionalInterface
  interface Sleeper {
    void sleep(long nanos) throws InterruptedException;
  }

  /** Returns a pace at which so many bytes take so much time. */
  static Pace spread(long bytes, Duration time) {
    return new Pace(bytes * 1e9 / time.toNanos(), System::nanoTime, TimeUnit.NANOSECONDS::sleep);
  }

  boolean isLimited() {
    return bytesPerSecond < Double.POSITIVE_INFINITY;
  }

  double bytesPerSecond() {
    return bytesPerSecond;
  }

  /**
   * Adds bytes, and waits until the pace allows them. Returns at once, with the interrupt kept, if
   * the thread is interrupted.
   *
   * @param stop called before each short wait
   */
  void add(long count, StopCheck stop) {
    bytes += count;
    while (true) {
      long due = start + (long) (bytes / bytesPerSecond * 1e9);
      long left = due - nanoTime.getAsLong();
      if (left <= 0) {
        return;
      }
      stop.check();
      try {
        sleeper.sleep(Math.min(left, MAX_SLEEP_NANOS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
