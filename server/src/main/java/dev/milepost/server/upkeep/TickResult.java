package dev.milepost.server.upkeep;

import dev.milepost.server.job.JobDecision;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobState;

/** What a tick led to. */
public enum TickResult {
  /** The attempt was lost or too late, and the job waits for the next one. */
  REQUEUED,
  /** The job failed: a time-out, or a lease that ended without retries left. */
  FAILED,
  /** The job was cancelled without its worker's word. */
  CANCELLED,
  /** The job had expired, and is gone. */
  REMOVED,
  /**
   * Anything else: a back-off has ended, a job is shown as stalled, a time was set anew, or nothing
   * was to do.
   */
  OTHER;

  /** What a decision makes of a job. */
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
