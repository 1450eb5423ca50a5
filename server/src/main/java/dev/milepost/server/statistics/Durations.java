package dev.milepost.server.statistics;

import dev.milepost.server.job.Times;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.PeriodCounts;
import dev.milepost.v1.Attempt;
import dev.milepost.v1.DurationStats;
import dev.milepost.v1.JobStatus;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How long jobs ran, and how long they waited before. Not thread-safe; what {@link JobStatistics}
 * returns is not changed any more.
 */
public final class Durations {
  private final DurationHistogram run = new DurationHistogram();
  private final DurationHistogram queue = new DurationHistogram();

  /** Returns how long the last attempts took of jobs that have succeeded or failed. */
  public DurationStats running() {
    return stats(run);
  }

  /** Returns how long jobs could be claimed, until an attempt was started. */
  public DurationStats queued() {
    return stats(queue);
  }

  private static DurationStats stats(DurationHistogram durations) {
    return durations.isEmpty()
        ? DurationStats.getDefaultInstance()
        : DurationStats.newBuilder()
            .setCount(durations.count())
            .setMedian(Times.duration(durations.quantile(0.5)))
            .setP95(Times.duration(durations.quantile(0.95)))
            .build();
  }

  boolean isEmpty() {
    return run.isEmpty() && queue.isEmpty();
  }

  /** A job has succeeded or failed. */
  void ended(JobStatus status) {
    if (status.getAttemptsCount() > 0) {
      Attempt last = status.getAttempts(status.getAttemptsCount() - 1);
      run.add(between(Times.instant(last.getStartTime()), Times.instant(status.getEndTime())));
    }
  }

  /** An attempt of a job was started. */
  void started(@Nullable JobRecord before, JobRecord after) {
    JobStatus status = after.getJob().getStatus();
    if (status.getAttemptsCount() > 0) {
      Attempt last = status.getAttempts(status.getAttemptsCount() - 1);
      queue.add(between(claimableTime(before, after), Times.instant(last.getStartTime())));
    }
  }

  private static Instant claimableTime(@Nullable JobRecord before, JobRecord after) {
    Instant queued = Times.instant(after.getJob().getStatus().getQueueTime());
    Instant held =
        before != null && before.getJob().getStatus().hasClaimableTime()
            ? Times.instant(before.getJob().getStatus().getClaimableTime())
            : Times.instant(after.getJob().getSpec().getNotBeforeTime());
    return queued.isBefore(held) ? held : queued;
  }

  private static Duration between(Instant start, Instant end) {
    return start.isBefore(end) ? Duration.between(start, end) : Duration.ZERO;
  }

  void add(Durations other) {
    run.add(other.run);
    queue.add(other.queue);
  }

  void add(PeriodCounts stored) {
    run.add(DurationHistogram.of(stored.getRunTimes()));
    queue.add(DurationHistogram.of(stored.getQueueTimes()));
  }

  void store(PeriodCounts.Builder to) {
    if (!run.isEmpty()) {
      to.setRunTimes(run.stored());
    }
    if (!queue.isEmpty()) {
      to.setQueueTimes(queue.stored());
    }
  }
}
