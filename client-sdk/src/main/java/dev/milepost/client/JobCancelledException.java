package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The job is cancelled. Handlers let it pass (or throw it) to confirm that they have stopped;
 * callers get it where they asked for the result of a job that was cancelled.
 */
public final class JobCancelledException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  /** Cancelled, for this reason. */
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
