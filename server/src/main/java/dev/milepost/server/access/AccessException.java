package dev.milepost.server.access;

import dev.milepost.server.job.CallerException;
import dev.milepost.v1.ErrorReason;
import java.util.Map;

/** Thrown if a caller may not make a call. */
public abstract sealed class AccessException extends CallerException {
  private AccessException(ErrorReason reason, String message) {
    super(reason, message, Map.of());
  }

  /** The request carries no valid credential. */
  public static final class Unauthenticated extends AccessException {
    /** Creates an exception; the message says what is missing. */
    public Unauthenticated(String message) {
      super(ErrorReason.UNAUTHENTICATED, message);
    }
  }

  /** The caller is known, but lacks permission. */
  public static final class PermissionDenied extends AccessException {
    /** Creates an exception; the message says what is required. */
    public PermissionDenied(String message) {
      super(ErrorReason.PERMISSION_DENIED, message);
    }
  }
}
