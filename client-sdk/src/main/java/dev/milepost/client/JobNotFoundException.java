package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;

/** The job does not exist or the caller may not see it; the server does not say which. */
public final class JobNotFoundException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * Creates the exception, for tests of code that handles it.
   *
   * @param message what happened, for people
   */
  public JobNotFoundException(String message) {
    super(Status.Code.NOT_FOUND, message, null);
  }

  JobNotFoundException(ServerError error) {
    super(error);
  }
}
