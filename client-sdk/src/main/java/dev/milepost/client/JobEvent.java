package dev.milepost.client;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JournalEntry;

/** An event of a {@link JobWatch}. */
public sealed interface JobEvent {
  /**
   * The whole job: the first event, repeated after each reconnect and when the job's spec changes.
   *
   * @param job the job
   */
  record Snapshot(Job job) implements JobEvent {}

  /**
   * The latest status. Intermediate ones may have been left out.
   *
   * @param status the status
   * @param skipped number of statuses left out since the previous event of this kind
   */
  record Status(JobStatus status, long skipped) implements JobEvent {}

  /**
   * The next journal entry: a state change, a stage change or a log line. Each entry comes exactly
   * once, in order.
   *
   * @param entry the entry
   */
  record Entry(JournalEntry entry) implements JobEvent {}

  /**
   * A range of journal entries that the server no longer keeps.
   *
   * @param firstSequence first missing sequence number
   * @param lastSequence last missing sequence number
   */
  record Skipped(long firstSequence, long lastSequence) implements JobEvent {}
}
