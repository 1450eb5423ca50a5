package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;

/** A job with this id exists already, or the request id was used for a different request. */
public final class JobAlreadyExistsException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * Creates the exception, for tests of code that handles it.
   *
   * @param message what happened, for people
   */
  public JobAlreadyExistsException(String message) {
    super(Status.Code.ALREADY_EXISTS, message, null);
  }

  JobAlreadyExistsException(ServerError error) {
    super(error);
  }
}
