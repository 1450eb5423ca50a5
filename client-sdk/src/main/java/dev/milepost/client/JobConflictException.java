package dev.milepost.client;

import java.io.Serial;

/** The job's etag does not match: it was changed meanwhile. Read it again and repeat the change. */
public final class JobConflictException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  JobConflictException(ServerError error) {
    super(error);
  }
}
