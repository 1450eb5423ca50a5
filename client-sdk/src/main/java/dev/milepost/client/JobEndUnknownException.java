package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The work of a job has ended, but the server did not confirm it in time: it may or may not know.
 * If it does not, the job is queued again or fails when its lease expires.
 */
public final class JobEndUnknownException extends JobException {
  @Serial private static final long serialVersionUID = 1;
  private final String jobId;
  private final boolean workSucceeded;

  JobEndUnknownException(String jobId, AttemptEnd end, String why, @Nullable Throwable cause) {
    super(Status.Code.UNAVAILABLE, message(jobId, end, why), cause);
    this.jobId = jobId;
    this.workSucceeded = end instanceof AttemptEnd.Complete;
  }

  /**
   * Creates the exception, for tests of code that handles it.
   *
   * @param jobId the job's id
   * @param workSucceeded whether the work itself had succeeded
   * @param message what happened, for people
   */
  public JobEndUnknownException(String jobId, boolean workSucceeded, String message) {
    super(Status.Code.UNAVAILABLE, message, null);
    this.jobId = jobId;
    this.workSucceeded = workSucceeded;
  }

  /** Returns the job's id. */
  public String jobId() {
    return jobId;
  }

  /** Returns whether the work itself had succeeded. */
  public boolean workSucceeded() {
    return workSucceeded;
  }

  private static String message(String jobId, AttemptEnd end, String why) {
    String work;
    if (end instanceof AttemptEnd.Complete) {
      work = "succeeded";
    } else if (end instanceof AttemptEnd.Fail fail) {
      work = "failed with " + fail.error().getCode();
    } else if (end instanceof AttemptEnd.ConfirmCancel) {
      work = "stopped after a cancel";
    } else {
      work = "stopped, to be continued by another worker";
    }
    return "the work of job "
        + jobId
        + " "
        + work
        + ", but the server did not confirm it ("
        + why
        + "). Read the job to see what the server knows.";
  }
}
