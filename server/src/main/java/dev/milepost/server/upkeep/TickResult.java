package dev.milepost.server.upkeep;

import dev.milepost.server.job.JobDecision;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobState;

/** The result of a tick. */
public enum TickResult {
  /** The attempt was lost or timed out, and the job waits for the next one. */
  REQUEUED,
  /** The job failed: it timed out, or its lease expired without retries left. */
  FAILED,
  /** The job was cancelled without its worker's confirmation. */
  CANCELLED,
  /** The job had expired and was deleted. */
  REMOVED,
  /** The job cannot be read, or no rule can handle it: it is tried again later. */
  POSTPONED,
  /**
   * Anything else: a backoff has ended, a job has stalled, a timer was set again, or there was
   * nothing to do.
   */
  OTHER;

  /** Returns the result of a committed decision. */
  static TickResult of(JobRecord before, JobDecision decision) {
    if (decision instanceof JobDecision.Remove) {
      return REMOVED;
    }
    if (!(decision instanceof JobDecision.Put put)) {
      return OTHER;
    }
    JobState state = put.record().getJob().getStatus().getState();
    if (state == before.getJob().getStatus().getState()) {
      return OTHER;
    }
    return switch (state) {
      case JOB_STATE_QUEUED -> REQUEUED;
      case JOB_STATE_FAILED -> FAILED;
      case JOB_STATE_CANCELLED -> CANCELLED;
      case JOB_STATE_RUNNING,
          JOB_STATE_CANCELLING,
          JOB_STATE_SUCCEEDED,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          OTHER;
    };
  }
}
