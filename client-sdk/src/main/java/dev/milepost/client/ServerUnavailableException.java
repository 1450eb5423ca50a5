package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;

/**
 * The server could not be reached in time, or did not respond. The call may or may not have taken
 * effect.
 */
public final class ServerUnavailableException extends JobException {
  @Serial private static final long serialVersionUID = 1;
  private final boolean permanent;

  ServerUnavailableException(ServerError error) {
    this(error, false);
  }

  ServerUnavailableException(ServerError error, boolean permanent) {
    super(error);
    this.permanent = permanent;
  }

  /**
   * Creates the exception, for tests of code that handles it.
   *
   * @param message what happened, for people
   */
  public ServerUnavailableException(String message) {
    super(Status.Code.UNAVAILABLE, message, null);
    this.permanent = false;
  }

  /**
   * Returns whether trying again is useless until the client or the server is set up differently:
   * for example, if the server's certificate is not trusted, or no Milepost server listens there.
   */
  public boolean isPermanent() {
    return permanent;
  }
}
