package dev.milepost.server.statistics;

import dev.milepost.storage.v1.PeriodCounts;
import dev.milepost.storage.v1.StatisticsRecord;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/** Tallies by period, of the periods that are still in their window. Not thread-safe. */
final class PeriodTallies {
  private final Map<Window, NavigableMap<Long, JobTally>> tallies = new EnumMap<>(Window.class);

  PeriodTallies() {
    for (Window window : Window.values()) {
      tallies.put(window, new TreeMap<>());
    }
  }

  /** Adds what has happened at a time. */
  void add(JobTally tally, Instant now) {
    tallies.forEach(
        (window, periods) -> {
          periods.merge(window.number(now), tally, JobTally::plus);
          while (!periods.isEmpty() && !window.contains(periods.firstKey(), now)) {
            if (periods.firstKey() > window.number(now)) {
              break; // The clock was set back.
            }
            periods.pollFirstEntry();
          }
        });
  }

  /** Returns the sum over a window. */
  JobTally sum(Window window, Instant now) {
    JobTally sum = JobTally.NONE;
    for (Map.Entry<Long, JobTally> period : periods(window).entrySet()) {
      if (window.contains(period.getKey(), now)) {
        sum = sum.plus(period.getValue());
      }
    }
    return sum;
  }

  /** Returns the tallies of a window's periods, by their beginning. */
  SortedMap<Instant, JobTally> history(Window window, Instant now) {
    SortedMap<Instant, JobTally> history = new TreeMap<>();
    periods(window)
        .forEach(
            (number, tally) -> {
              if (window.contains(number, now)) {
                history.put(window.start(number), tally);
              }
            });
    return history;
  }

  private NavigableMap<Long, JobTally> periods(Window window) {
    return tallies.getOrDefault(window, new TreeMap<>());
  }

  /** Returns the tallies as they are stored. */
  StatisticsRecord stored(Instant now) {
    StatisticsRecord.Builder record = StatisticsRecord.newBuilder();
    tallies.forEach(
        (window, periods) ->
            periods.forEach(
                (number, tally) -> {
                  if (window.contains(number, now)) {
                    record.addPeriods(tally.stored(window.seconds(), number));
                  }
                }));
    return record.build();
  }

  /** Adds tallies as they were stored. */
  void add(StatisticsRecord record) {
    for (PeriodCounts counts : record.getPeriodsList()) {
      for (Window window : Window.values()) {
        if (window.seconds() == counts.getSeconds()) {
          periods(window).merge(counts.getNumber(), JobTally.of(counts), JobTally::plus);
        }
      }
    }
  }
}
