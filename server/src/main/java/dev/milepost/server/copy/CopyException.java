package dev.milepost.server.copy;

import java.io.Serial;

/** A copy cannot begin, or has not come out right. What is copied so far stays, marked as such. */
public final class CopyException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * A failure.
   *
   * @param message for people: what is wrong, and what to do
   */
  public CopyException(String message) {
    super(message);
  }
}
