package dev.milepost.client;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import java.util.Map;

/**
 * One thing that a {@link JobListWatch} tells. Counts are of the jobs that match, by state, after
 * the event; states that none is in are left out.
 */
public sealed interface JobListEvent {
  /**
   * A snapshot begins: what was known before does not count any more. The first event, and again
   * where the watch could not go on after a break.
   */
  record SnapshotStarted() implements JobListEvent {}

  /**
   * A job that matches, as part of the snapshot.
   *
   * @param job the job
   */
  record SnapshotJob(Job job) implements JobListEvent {}

  /**
   * The snapshot is complete: all jobs that match have been shown.
   *
   * @param counts jobs by state
   */
  record Synced(Map<JobState, Long> counts) implements JobListEvent {}

  /**
   * A job matches now and did not before. One that comes while a snapshot is made may be told of
   * before {@link Synced}.
   *
   * @param job the job
   * @param counts jobs by state; empty before {@link Synced}
   */
  record Entered(Job job, Map<JobState, Long> counts) implements JobListEvent {}

  /**
   * A job matched before and does so still.
   *
   * @param job the job as it is now; changes in between may have been left out
   * @param counts jobs by state; empty before {@link Synced}
   */
  record Changed(Job job, Map<JobState, Long> counts) implements JobListEvent {}

  /**
   * A job matches no longer, or is gone.
   *
   * @param job the job as it was last
   * @param counts jobs by state; empty before {@link Synced}
   */
  record Left(Job job, Map<JobState, Long> counts) implements JobListEvent {}
}
