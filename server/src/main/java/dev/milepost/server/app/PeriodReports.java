package dev.milepost.server.app;

import dev.milepost.server.job.Times;
import dev.milepost.server.statistics.Durations;
import dev.milepost.server.statistics.JobStatistics;
import dev.milepost.server.statistics.JobTally;
import dev.milepost.server.statistics.Window;
import dev.milepost.v1.DurationStats;
import dev.milepost.v1.PeriodStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What has happened in a tenant, as the contract says it. */
final class PeriodReports {
  private PeriodReports() {}

  /** Returns what has happened in each window, the shortest first. */
  static List<PeriodStats> periods(JobStatistics.Totals totals) {
    List<PeriodStats> periods = new ArrayList<>();
    totals
        .sums()
        .forEach(
            (window, tally) -> {
              PeriodStats.Builder period = period(window.length(), tally);
              if (window == Window.DAY) {
                addDurations(period, totals.durations());
              }
              periods.add(period.build());
            });
    return periods;
  }

  /** Returns what has happened in each window without durations, the shortest first. */
  static List<PeriodStats> sums(Map<Window, JobTally> sums) {
    return sums.entrySet().stream()
        .map(sum -> period(sum.getKey().length(), sum.getValue()).build())
        .toList();
  }

  /** Returns what has happened in each period of the longest window, oldest first. */
  static List<PeriodStats> history(JobStatistics.Totals totals) {
    List<PeriodStats> history = new ArrayList<>();
    totals
        .history()
        .forEach(
            (start, happened) -> {
              PeriodStats.Builder quarter = period(Window.DAY.period(), happened.tally());
              addDurations(quarter, happened.durations());
              history.add(quarter.setStartTime(Times.timestamp(start)).build());
            });
    return history;
  }

  private static PeriodStats.Builder period(Duration length, JobTally tally) {
    return PeriodStats.newBuilder()
        .setLength(Times.duration(length))
        .setCreatedCount(tally.created())
        .setClaimedCount(tally.claimed())
        .setSucceededCount(tally.succeeded())
        .setFailedCount(tally.failed())
        .setCancelledCount(tally.cancelled());
  }

  private static void addDurations(PeriodStats.Builder to, Durations durations) {
    DurationStats run = durations.running();
    if (run.getCount() > 0) {
      to.setRunDurations(run);
    }
    DurationStats queue = durations.queued();
    if (queue.getCount() > 0) {
      to.setQueueDurations(queue);
    }
  }
}
