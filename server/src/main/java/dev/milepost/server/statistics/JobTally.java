package dev.milepost.server.statistics;

import dev.milepost.storage.v1.PeriodCounts;

/**
 * How many jobs were created, claimed and ended. Batches and tasks themselves do not count; their
 * child jobs do.
 *
 * @param created jobs that were created
 * @param claimed attempts that were started
 * @param succeeded jobs that have succeeded
 * @param failed jobs that have failed
 * @param cancelled jobs that were cancelled
 */
public record JobTally(long created, long claimed, long succeeded, long failed, long cancelled) {
  /** Nothing. */
  public static final JobTally NONE = new JobTally(0, 0, 0, 0, 0);

  /** Returns the sum of this and another tally. */
  public JobTally plus(JobTally other) {
    return new JobTally(
        created + other.created,
        claimed + other.claimed,
        succeeded + other.succeeded,
        failed + other.failed,
        cancelled + other.cancelled);
  }

  /** Returns how many jobs were created, claimed or ended. */
  public long events() {
    return created + claimed + succeeded + failed + cancelled;
  }

  static JobTally of(PeriodCounts counts) {
    return new JobTally(
        counts.getCreated(),
        counts.getClaimed(),
        counts.getSucceeded(),
        counts.getFailed(),
        counts.getCancelled());
  }

  PeriodCounts.Builder stored(int seconds, long number) {
    return PeriodCounts.newBuilder()
        .setSeconds(seconds)
        .setNumber(number)
        .setCreated(created)
        .setClaimed(claimed)
        .setSucceeded(succeeded)
        .setFailed(failed)
        .setCancelled(cancelled);
  }
}
