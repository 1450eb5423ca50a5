package dev.milepost.server.statistics;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobState;
import org.jspecify.annotations.Nullable;

/** What some commits did to the jobs of a tenant. Not thread-safe. */
final class JobEvents {
  private final Durations durations = new Durations();
  private JobTally tally = JobTally.NONE;

  JobTally tally() {
    return tally;
  }

  Durations durations() {
    return durations;
  }

  /** Counts a change of a job. Changes of batches and tasks themselves do not count. */
  void add(@Nullable JobRecord before, @Nullable JobRecord after) {
    if (after == null || after.hasParentRecord()) {
      return;
    }
    JobState state = after.getJob().getStatus().getState();
    int attempts = Math.max(0, after.getJob().getStatus().getAttempt() - attempt(before));
    boolean isNewEnd =
        before == null || before.getJob().getStatus().getState() != state || attempts > 0;
    boolean hasSucceeded = isNewEnd && state == JobState.JOB_STATE_SUCCEEDED;
    boolean hasFailed = isNewEnd && state == JobState.JOB_STATE_FAILED;
    boolean isCancelled = isNewEnd && state == JobState.JOB_STATE_CANCELLED;
    JobTally change =
        new JobTally(
            before == null ? 1 : 0,
            attempts,
            hasSucceeded ? 1 : 0,
            hasFailed ? 1 : 0,
            isCancelled ? 1 : 0);
    if (change.events() > 0) {
      tally = tally.plus(change);
    }
    if (attempts > 0) {
      durations.started(before, after);
    }
    if (hasSucceeded || hasFailed) {
      durations.ended(after.getJob().getStatus());
    }
  }

  private static int attempt(@Nullable JobRecord job) {
    return job == null ? 0 : job.getJob().getStatus().getAttempt();
  }
}
