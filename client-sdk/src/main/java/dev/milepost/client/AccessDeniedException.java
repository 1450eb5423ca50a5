package dev.milepost.client;

import java.io.Serial;

/** The server does not know the caller, or the caller lacks the permission. */
public final class AccessDeniedException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  AccessDeniedException(ServerError error) {
    super(error);
  }
}
