package dev.milepost.client;

import java.io.Serial;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by a handler to fail its attempt with a custom error code, details, and a decision about
 * retries.
 */
public class JobFailure extends Exception {
  @Serial private static final long serialVersionUID = 1;
  private final String code;
  private final boolean retryable;
  private final transient Map<String, ?> details;

  /**
   * Creates a failure.
   *
   * @param code machine-readable code: 1 to 64 of A-Z, 0-9 and _, starting with a letter
   * @param message what happened, for people
   * @param retryable whether another attempt may succeed
   */
  public JobFailure(String code, String message, boolean retryable) {
    this(code, message, retryable, Map.of(), null);
  }

  /**
   * Creates a failure with details and a cause.
   *
   * @param code machine-readable code: 1 to 64 of A-Z, 0-9 and _, starting with a letter
   * @param message what happened, for people
   * @param retryable whether another attempt may succeed
   * @param details machine-readable details; dropped if they exceed 16,384 bytes
   * @param cause may be null
   */
  public JobFailure(
      String code,
      String message,
      boolean retryable,
      Map<String, ?> details,
      @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.retryable = retryable;
    this.details = Map.copyOf(details);
  }

  /** Returns the machine-readable code. */
  public String code() {
    return code;
  }

  /** Returns whether another attempt may succeed. */
  public boolean retryable() {
    return retryable;
  }

  /** Returns the machine-readable details. */
  public Map<String, ?> details() {
    return details;
  }
}
