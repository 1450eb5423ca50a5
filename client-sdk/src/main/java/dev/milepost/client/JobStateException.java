package dev.milepost.client;

import java.io.Serial;

/** The job's current state does not allow the call. */
public final class JobStateException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  JobStateException(ServerError error) {
    super(error);
  }
}
