package dev.milepost.client;

import java.io.Serial;

/** A job with this id exists already, or the request id was used for a different request. */
public final class JobAlreadyExistsException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  JobAlreadyExistsException(ServerError error) {
    super(error);
  }
}
