package dev.milepost.server.job;

import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import java.time.Duration;
import java.time.Instant;

/**
 * How long finished jobs are kept, by their final state. Never negative; {@link Duration#ZERO}
 * means until they are deleted by a request.
 *
 * @param succeeded jobs that SUCCEEDED
 * @param failed jobs that FAILED
 * @param cancelled jobs that were CANCELLED
 */
public record JobRetention(Duration succeeded, Duration failed, Duration cancelled) {
  /** The retention of a server without settings. */
  public static final JobRetention STANDARD =
      new JobRetention(Duration.ofDays(30), Duration.ofDays(90), Duration.ofDays(30));

  /**
   * Sets when a job will be deleted in its status: at the expire_time of its spec if it has one,
   * else after the retention. Clears it if the job has not finished or is kept until it is deleted.
   */
  void setExpireTime(JobSpec spec, JobStatus.Builder status) {
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
