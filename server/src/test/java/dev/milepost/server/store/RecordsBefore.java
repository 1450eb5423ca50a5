package dev.milepost.server.store;

import dev.milepost.server.job.JobDecision;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Attempt;
import dev.milepost.v1.AttemptOutcome;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobStatus;
import java.util.List;

/** Records as earlier versions wrote them, with values unspecified that are specified now. */
public final class RecordsBefore {
  private RecordsBefore() {}

  /** Returns the decision to write a record as an earlier version did. */
  static JobDecision.Put put(JobRecord record) {
    return new JobDecision.Put(
        record.toBuilder()
            .setJob(job(record.getJob()))
            .setRevision(record.getRevision() + 1)
            .build(),
        List.of(),
        List.of());
  }

  /** Returns a job without the values that earlier versions left unspecified. */
  public static Job job(Job current) {
    Job.Builder job = current.toBuilder();
    if (job.getKind() == JobKind.JOB_KIND_SINGLE) {
      job.clearKind();
    }
    JobStatus.Builder status = job.getStatusBuilder();
    if (status.getHealth() == JobHealth.JOB_HEALTH_NOT_RUNNING) {
      status.clearHealth();
    }
    for (Attempt.Builder attempt : status.getAttemptsBuilderList()) {
      if (attempt.getOutcome() == AttemptOutcome.ATTEMPT_OUTCOME_RUNNING) {
        attempt.clearOutcome();
      }
    }
    return job.build();
  }
}
