package dev.milepost.client;

import java.io.Serial;

/** The job id is taken, or the request id was used for another request. */
public final class JobAlreadyExistsException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  JobAlreadyExistsException(ServerError error) {
    super(error);
  }
}
