package dev.milepost.client;

import java.io.Serial;

/** The call exceeds a limit of the server. Retry later, or with a smaller request. */
public final class LimitExceededException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  LimitExceededException(ServerError error) {
    super(error);
  }
}
