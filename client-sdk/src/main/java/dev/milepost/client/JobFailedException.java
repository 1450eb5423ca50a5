package dev.milepost.client;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import io.grpc.Status;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The job, or this attempt of it, failed. If its handler ran in this process, the cause is the
 * handler's exception.
 */
public final class JobFailedException extends JobException {
  @Serial private static final long serialVersionUID = 1;
  private final transient Job job;

  /**
   * Creates the exception, for tests of code that handles it.
   *
   * @param job the job after the failure, with its error
   * @param cause what the handler threw; null if it ran in another process
   */
  public JobFailedException(Job job, @Nullable Throwable cause) {
    super(Status.Code.UNKNOWN, message(job), cause);
    this.job = job;
  }

  /** Returns the job after the failure: FAILED, or QUEUED if it will be retried. */
  public Job job() {
    return job;
  }

  /** Returns the job's error: code, message, details and stack trace. */
  public JobError error() {
    return job.getStatus().getError();
  }

  private static String message(Job job) {
    JobError error = job.getStatus().getError();
    return "job " + job.getId() + " failed: " + error.getCode() + ": " + error.getMessage();
  }
}
