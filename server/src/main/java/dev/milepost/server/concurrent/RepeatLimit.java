package dev.milepost.server.concurrent;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Limits how often things of the same kind are shown: a few times per interval, after that they are
 * only counted. Memory is bounded: kinds beyond a number share one count. Thread-safe.
 */
public final class RepeatLimit {
  /** The kind of everything that has no count of its own. */
  public static final String OTHERS = "others";

  private final int maxShown;
  private final int maxShownInAll;
  private final int maxKinds;
  private final long interval;

  // Guarded by this.
  private final Map<String, Count> counts = new HashMap<>();
  private int shown;
  private long begin = Long.MIN_VALUE;

  /**
   * Creates a limit.
   *
   * @param maxShown how many of one kind are shown per interval
   * @param maxShownInAll how many are shown per interval, whatever their kind
   * @param maxKinds how many kinds are counted apart
   */
  public RepeatLimit(int maxShown, int maxShownInAll, int maxKinds, Duration interval) {
    this.maxShown = maxShown;
    this.maxShownInAll = maxShownInAll;
    this.maxKinds = maxKinds;
    this.interval = interval.toMillis();
  }

  /**
   * What was counted but not shown.
   *
   * @param kind its kind, or {@link #OTHERS}
   * @param times how often
   */
  public record Hidden(String kind, long times) {}

  /**
   * Counts one.
   *
   * @return how many of this kind have been shown in this interval, with this one; 0 if this one is
   *     not to be shown
   */
  public synchronized int count(String kind) {
    Count count = counts.get(kind);
    if (count == null) {
      String own = counts.size() < maxKinds ? kind : OTHERS;
      count = counts.computeIfAbsent(own, name -> new Count());
    }
    if (count.shown >= maxShown || shown >= maxShownInAll) {
      count.hidden++;
      return 0;
    }
    shown++;
    return ++count.shown;
  }

  /** Returns whether the next one of a kind would not be shown. Counts nothing. */
  public synchronized boolean isReached(String kind) {
    Count count = counts.get(kind);
    if (count == null && counts.size() >= maxKinds) {
      count = counts.get(OTHERS);
    }
    return shown >= maxShownInAll || (count != null && count.shown >= maxShown);
  }

  /**
   * Begins a new interval if the current one has ended.
   *
   * @param millis the time, by any clock
   * @return what was hidden in the ended one
   */
  public synchronized List<Hidden> next(long millis) {
    if (begin != Long.MIN_VALUE && millis - begin < interval && millis >= begin) {
      return List.of();
    }
    begin = millis;
    return drain();
  }

  /** Begins a new interval. Returns what was hidden in the one before. */
  public synchronized List<Hidden> drain() {
    List<Hidden> hidden = new ArrayList<>();
    counts.forEach(
        (kind, count) -> {
          if (count.hidden > 0) {
            hidden.add(new Hidden(kind, count.hidden));
          }
        });
    counts.clear();
    shown = 0;
    return hidden;
  }

  private static final class Count {
    private int shown;
    private long hidden;
  }
}
