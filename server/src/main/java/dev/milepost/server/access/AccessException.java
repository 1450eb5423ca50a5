package dev.milepost.server.access;

import java.io.Serial;

/** The caller may not do this. An answer and not a fault, hence without a stack trace. */
public abstract sealed class AccessException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private AccessException(String message) {
    super(message, null, false, false);
  }

  /** Nobody knows who the caller is. */
  public static final class Unauthenticated extends AccessException {
    @Serial private static final long serialVersionUID = 1;

    /** The message says what is missing, for people. */
    public Unauthenticated(String message) {
      super(message);
    }
  }

  /** The caller is known, and may not. */
  public static final class PermissionDenied extends AccessException {
    @Serial private static final long serialVersionUID = 1;

    /** The message says what would be needed, for people. */
    public PermissionDenied(String message) {
      super(message);
    }
  }
}
