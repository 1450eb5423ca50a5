package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;

/** The job's current state does not allow the call. */
public final class JobStateException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * Creates the exception, for tests of code that handles it.
   *
   * @param message what happened, for people
   */
  public JobStateException(String message) {
    super(Status.Code.FAILED_PRECONDITION, message, null);
  }

  JobStateException(ServerError error) {
    super(error);
  }
}
