package dev.milepost.server.job;

import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import java.time.Duration;
import java.time.Instant;

/**
 * How long jobs are kept after their end, by how they ended. None is negative; {@link
 * Duration#ZERO} means for ever: until somebody deletes them.
 *
 * @param succeeded jobs that SUCCEEDED
 * @param failed jobs that FAILED: longer, since somebody may want to know why
 * @param cancelled jobs that were CANCELLED
 */
public record JobRetention(Duration succeeded, Duration failed, Duration cancelled) {
  /** The retention of the design. */
  public static final JobRetention STANDARD =
      new JobRetention(Duration.ofDays(30), Duration.ofDays(90), Duration.ofDays(30));

  /**
   * Writes into a job's status when it will be gone: by its owner's word where there is one, else
   * by the retention of its end. Not at all where it has not finished, or is kept for ever.
   */
  void settle(JobSpec spec, JobStatus.Builder status) {
    Duration kept = after(status.getState());
    boolean isFinished = Transitions.isFinished(status.getState());
    if (isFinished && spec.hasExpireTime()) {
      status.setExpireTime(spec.getExpireTime());
    } else if (isFinished && !kept.isZero()) {
      Instant end = Times.instant(status.getEndTime());
      status.setExpireTime(Times.timestamp(end.plus(kept)));
    } else if (status.hasExpireTime()) {
      status.clearExpireTime();
    }
  }

  private Duration after(JobState state) {
    return switch (state) {
      case JOB_STATE_SUCCEEDED -> succeeded;
      case JOB_STATE_FAILED -> failed;
      case JOB_STATE_CANCELLED -> cancelled;
      case JOB_STATE_QUEUED,
          JOB_STATE_RUNNING,
          JOB_STATE_CANCELLING,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          Duration.ZERO;
    };
  }
}
