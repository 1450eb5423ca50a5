package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;

/** The server does not know the caller, or the caller lacks the permission. */
public final class AccessDeniedException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * Creates the exception, for tests of code that handles it.
   *
   * @param message what happened, for people
   */
  public AccessDeniedException(String message) {
    super(Status.Code.PERMISSION_DENIED, message, null);
  }

  AccessDeniedException(ServerError error) {
    super(error);
  }
}
