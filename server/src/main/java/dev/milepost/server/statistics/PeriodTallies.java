package dev.milepost.server.statistics;

import dev.milepost.server.store.ServerRecords;
import dev.milepost.storage.v1.PeriodCounts;
import dev.milepost.storage.v1.StatisticsRecord;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Tallies by period, of the periods that are still in their window; and durations, by the periods
 * of the longest window. Not thread-safe.
 */
final class PeriodTallies {
  /** The window that durations are kept of. */
  static final Window OF_DURATIONS = Window.DAY;

  private static final int MAX_BYTES = ServerRecords.MAX_VALUE_BYTES - 64;

  private final Map<Window, NavigableMap<Long, JobTally>> tallies = new EnumMap<>(Window.class);
  private final NavigableMap<Long, Durations> durations = new TreeMap<>();

  PeriodTallies() {
    for (Window window : Window.values()) {
      tallies.put(window, new TreeMap<>());
    }
  }

  /** Adds what has happened at a time. */
  void add(JobEvents events, Instant now) {
    tallies.forEach(
        (window, periods) -> {
          periods.merge(window.number(now), events.tally(), JobTally::plus);
          drop(periods, window, now);
        });
    if (!events.durations().isEmpty()) {
      durationsAt(OF_DURATIONS.number(now)).add(events.durations());
    }
    drop(durations, OF_DURATIONS, now);
  }

  /** Forgets the periods that the window has passed. */
  private static void drop(NavigableMap<Long, ?> periods, Window window, Instant now) {
    while (!periods.isEmpty() && !window.contains(periods.firstKey(), now)) {
      if (periods.firstKey() > window.number(now)) {
        break; // The clock was set back.
      }
      periods.pollFirstEntry();
    }
  }

  private Durations durationsAt(long number) {
    return durations.computeIfAbsent(number, unused -> new Durations());
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

  /** Returns the durations of all periods. */
  Durations durations(Instant now) {
    Durations sum = new Durations();
    durations.forEach(
        (number, period) -> {
          if (OF_DURATIONS.contains(number, now)) {
            sum.add(period);
          }
        });
    return sum;
  }

  /** Returns what happened in the periods of the longest window, by their beginning. */
  SortedMap<Instant, JobStatistics.Period> history(Instant now) {
    SortedMap<Instant, JobStatistics.Period> history = new TreeMap<>();
    periods(OF_DURATIONS)
        .forEach(
            (number, tally) -> {
              if (OF_DURATIONS.contains(number, now)) {
                history.put(
                    OF_DURATIONS.start(number),
                    new JobStatistics.Period(
                        tally, durations.getOrDefault(number, new Durations())));
              }
            });
    return history;
  }

  private NavigableMap<Long, JobTally> periods(Window window) {
    return tallies.getOrDefault(window, new TreeMap<>());
  }

  /** Returns the tallies as they are stored: without durations, if they took too much room. */
  StatisticsRecord stored(Instant now) {
    StatisticsRecord whole = stored(now, true);
    return whole.getSerializedSize() <= MAX_BYTES ? whole : stored(now, false);
  }

  private StatisticsRecord stored(Instant now, boolean withDurations) {
    StatisticsRecord.Builder record = StatisticsRecord.newBuilder();
    tallies.forEach(
        (window, periods) ->
            periods.forEach(
                (number, tally) -> {
                  if (window.contains(number, now)) {
                    PeriodCounts.Builder counts = tally.stored(window.seconds(), number);
                    if (withDurations && window == OF_DURATIONS && durations.containsKey(number)) {
                      durationsAt(number).store(counts);
                    }
                    record.addPeriods(counts);
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
          if (window == OF_DURATIONS && (counts.hasRunTimes() || counts.hasQueueTimes())) {
            durationsAt(counts.getNumber()).add(counts);
          }
        }
      }
    }
  }
}
