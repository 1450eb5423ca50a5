package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;

/** The job's etag does not match: it was changed meanwhile. Read it again and repeat the change. */
public final class JobConflictException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * Creates the exception, for tests of code that handles it.
   *
   * @param message what happened, for people
   */
  public JobConflictException(String message) {
    super(Status.Code.ABORTED, message, null);
  }

  JobConflictException(ServerError error) {
    super(error);
  }
}
