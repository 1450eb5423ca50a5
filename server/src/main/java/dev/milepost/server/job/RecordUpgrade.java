package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Attempt;
import dev.milepost.v1.AttemptOutcome;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobStatus;

/**
 * Upgrades records of earlier versions when they are read. Earlier versions left a job's kind, its
 * health and the outcome of its last attempt unspecified if it was an ordinary job, did not run, or
 * its attempt had not ended. Each has a value of its own now.
 */
public final class RecordUpgrade {
  private RecordUpgrade() {}

  /** Returns a record as this version writes it; the same one if it is already. */
  public static JobRecord current(JobRecord record) {
    return isCurrent(record.getJob())
        ? record
        : record.toBuilder().setJob(current(record.getJob())).build();
  }

  /** Returns a job as this version shows it; the same one if it is already. */
  public static Job current(Job job) {
    if (isCurrent(job)) {
      return job;
    }
    Job.Builder upgraded = job.toBuilder();
    if (job.getKind() == JobKind.JOB_KIND_UNSPECIFIED) {
      upgraded.setKind(JobKind.JOB_KIND_SINGLE);
    }
    JobStatus.Builder status = upgraded.getStatusBuilder();
    if (status.getHealth() == JobHealth.JOB_HEALTH_UNSPECIFIED) {
      status.setHealth(JobHealth.JOB_HEALTH_NOT_RUNNING);
    }
    for (int i = 0; i < status.getAttemptsCount(); i++) {
      if (isOpen(status.getAttempts(i))) {
        status.getAttemptsBuilder(i).setOutcome(AttemptOutcome.ATTEMPT_OUTCOME_RUNNING);
      }
    }
    return upgraded.build();
  }

  /** Only the last attempt of a job can be one that has not ended. */
  private static boolean isCurrent(Job job) {
    JobStatus status = job.getStatus();
    int attempts = status.getAttemptsCount();
    return job.getKind() != JobKind.JOB_KIND_UNSPECIFIED
        && status.getHealth() != JobHealth.JOB_HEALTH_UNSPECIFIED
        && (attempts == 0 || !isOpen(status.getAttempts(attempts - 1)));
  }

  private static boolean isOpen(Attempt attempt) {
    return attempt.getOutcome() == AttemptOutcome.ATTEMPT_OUTCOME_UNSPECIFIED;
  }
}
