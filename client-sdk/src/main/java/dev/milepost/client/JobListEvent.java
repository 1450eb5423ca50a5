package dev.milepost.client;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import java.util.Map;

/**
 * An event of a {@link JobListWatch}. Its counts are the numbers of matching jobs by state after
 * the event; states without jobs are absent.
 */
public sealed interface JobListEvent {
  /**
   * A snapshot starts: discard everything received before. This is the first event, and it comes
   * again whenever the watch could not resume after a lost connection.
   */
  record SnapshotStarted() implements JobListEvent {}

  /**
   * A matching job, as part of the snapshot.
   *
   * @param job the job
   */
  record SnapshotJob(Job job) implements JobListEvent {}

  /**
   * The snapshot is complete: it contained all matching jobs.
   *
   * @param counts number of jobs by state
   */
  record Synced(Map<JobState, Long> counts) implements JobListEvent {}

  /**
   * A job matches now and did not match before. If it starts to match during a snapshot, this event
   * may come before {@link Synced}.
   *
   * @param job the job
   * @param counts number of jobs by state; empty before {@link Synced}
   */
  record Entered(Job job, Map<JobState, Long> counts) implements JobListEvent {}

  /**
   * A matching job changed and still matches.
   *
   * @param job the job as it is now; intermediate changes may have been left out
   * @param counts number of jobs by state; empty before {@link Synced}
   */
  record Changed(Job job, Map<JobState, Long> counts) implements JobListEvent {}

  /**
   * A job no longer matches, or was deleted.
   *
   * @param job the last known version of the job
   * @param counts number of jobs by state; empty before {@link Synced}
   */
  record Left(Job job, Map<JobState, Long> counts) implements JobListEvent {}
}
