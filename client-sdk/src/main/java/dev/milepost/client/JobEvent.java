package dev.milepost.client;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JournalEntry;

/** One thing that a {@link JobWatch} tells. */
public sealed interface JobEvent {
  /**
   * The whole job: first of all, after each reconnection, and when its spec has changed.
   *
   * @param job the job
   */
  record Snapshot(Job job) implements JobEvent {}

  /**
   * The latest status. Statuses in between may have been left out.
   *
   * @param status the status
   * @param skipped statuses that came and went unsent since the one before
   */
  record Status(JobStatus status, long skipped) implements JobEvent {}

  /**
   * The next entry of the journal: a state change, a stage change or a log line. Each comes once,
   * in order.
   *
   * @param entry the entry
   */
  record Entry(JournalEntry entry) implements JobEvent {}

  /**
   * A range of the journal that the server no longer keeps.
   *
   * @param firstSequence first number that is gone
   * @param lastSequence last number that is gone
   */
  record Skipped(long firstSequence, long lastSequence) implements JobEvent {}
}
