package dev.milepost.server.store;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobStatus;
import org.jspecify.annotations.Nullable;

/**
 * What a read keeps of each job. It is applied as soon as a job has been read, so that what is not
 * kept neither fills the heap nor counts against the read's bytes. Must be quick.
 */
@FunctionalInterface
public interface JobShape {
  /** Keeps everything. */
  JobShape WHOLE = job -> job;

  /**
   * Keeps what identifies, sorts and counts a job, and what tells whether a caller may see it; not
   * what callers and workers have stored with it.
   */
  JobShape OUTLINE = JobShape::outline;

  /** Returns what is kept of a job; null to leave it out. */
  @Nullable JobRecord of(JobRecord job);

  private static JobRecord outline(JobRecord job) {
    JobRecord.Builder outline = job.toBuilder();
    JobSpec.Builder spec = outline.getJobBuilder().getSpecBuilder();
    spec.clearParams().clearMetadata().clearLabels().clearWebhook();
    JobStatus.Builder status = outline.getJobBuilder().getStatusBuilder();
    status
        .clearProgress()
        .clearStage()
        .clearOutcome()
        .clearCheckpoint()
        .clearResult()
        .clearError()
        .clearAttempts()
        .clearWebhookDeliveries();
    return outline.build();
  }
}
