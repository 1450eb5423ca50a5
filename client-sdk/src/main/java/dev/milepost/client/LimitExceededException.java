package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;

/**
 * The call exceeds a limit of the server, or its response exceeds what the client reads. The
 * message says which; if it is a rate, retry later.
 */
public final class LimitExceededException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * Creates the exception, for tests of code that handles it.
   *
   * @param message what happened, for people
   */
  public LimitExceededException(String message) {
    super(Status.Code.RESOURCE_EXHAUSTED, message, null);
  }

  LimitExceededException(ServerError error) {
    super(error);
  }
}
