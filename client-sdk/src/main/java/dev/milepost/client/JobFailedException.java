package dev.milepost.client;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import io.grpc.Status;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The job, or this attempt on it, failed. Its cause is the handler's exception where that ran here.
 */
public final class JobFailedException extends JobException {
  @Serial private static final long serialVersionUID = 1;
  private final transient Job job;

  JobFailedException(Job job, @Nullable Throwable cause) {
    super(Status.Code.UNKNOWN, message(job), cause);
    this.job = job;
  }

  /** The job after the failure: FAILED, or QUEUED where it will be tried again. */
  public Job job() {
    return job;
  }

  /** Why: code, message, details and stack trace. */
  public JobError error() {
    return job.getStatus().getError();
  }

  private static String message(Job job) {
    JobError error = job.getStatus().getError();
    return "job " + job.getId() + " failed: " + error.getCode() + ": " + error.getMessage();
  }
}
