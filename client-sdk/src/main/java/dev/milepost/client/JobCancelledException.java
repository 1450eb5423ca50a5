package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The job was cancelled. A handler throws it, or lets it propagate, to confirm that it has stopped;
 * a caller receives it when it requests the result of a cancelled job.
 */
public final class JobCancelledException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * Creates the exception.
   *
   * @param reason why the job was cancelled; may be empty
   */
  public JobCancelledException(String reason) {
    this(reason, null);
  }

  JobCancelledException(String reason, @Nullable Throwable cause) {
    super(
        Status.Code.CANCELLED,
        reason.isEmpty() ? "the job was cancelled" : "the job was cancelled: " + reason,
        cause);
  }
}
