package dev.milepost.client;

import java.io.Serial;

/** The job was changed meanwhile: its etag is another. Read it again and repeat the change. */
public final class JobConflictException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  JobConflictException(ServerError error) {
    super(error);
  }
}
