package dev.milepost.server.copy;

import java.io.Serial;

/** Thrown if a copy cannot start or has failed. What was copied stays, marked as incomplete. */
public final class CopyException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * Creates an exception.
   *
   * @param message what is wrong, and what to do
   */
  public CopyException(String message) {
    super(message);
  }
}
