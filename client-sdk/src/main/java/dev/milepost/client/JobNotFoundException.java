package dev.milepost.client;

import java.io.Serial;

/** The job does not exist or the caller may not see it; the server does not say which. */
public final class JobNotFoundException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  JobNotFoundException(ServerError error) {
    super(error);
  }
}
