package dev.milepost.client;

import java.io.Serial;

/** The caller is unknown to the server, or may not do this. */
public final class AccessDeniedException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  AccessDeniedException(ServerError error) {
    super(error);
  }
}
