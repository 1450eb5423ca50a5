package dev.milepost.client;

import java.io.Serial;

/** A limit of the server is reached; try again later, or with less. */
public final class LimitExceededException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  LimitExceededException(ServerError error) {
    super(error);
  }
}
