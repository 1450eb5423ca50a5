package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;

/**
 * The server could not be reached in time, or did not respond. The call may or may not have taken
 * effect.
 */
public final class ServerUnavailableException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  ServerUnavailableException(ServerError error) {
    super(error);
  }

  /**
   * Creates the exception, for tests of code that handles it.
   *
   * @param message what happened, for people
   */
  public ServerUnavailableException(String message) {
    super(Status.Code.UNAVAILABLE, message, null);
  }
}
