package dev.milepost.client;

import java.time.Duration;
import java.util.Locale;

/** Counts the tries of one call, and the time since the first. Thread-safe. */
final class Tries {
  private static final Duration SHORT = Duration.ofSeconds(1);
  private static final Duration LONG = Duration.ofMinutes(2);

  private final long startNanos = System.nanoTime();
  private int count;

  synchronized void add() {
    count++;
  }

  /** "after 12 tries in 30 s". */
  @Override
  public synchronized String toString() {
    Duration time = Duration.ofNanos(System.nanoTime() - startNanos);
    return "after " + count + (count == 1 ? " try in " : " tries in ") + text(time);
  }

  /** "12 ms", "2.5 s" or "5 min". */
  static String text(Duration time) {
    if (time.compareTo(SHORT) < 0) {
      return time.toMillis() + " ms";
    } else if (time.compareTo(LONG) > 0) {
      return time.toMinutes() + " min";
    }
    return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1e3).replace(".0 s", " s");
  }
}
