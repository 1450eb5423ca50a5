package dev.milepost.client;

import java.io.Serial;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by a handler to fail its attempt with a code, details and a word about retrying of its
 * own.
 */
public class JobFailure extends Exception {
  @Serial private static final long serialVersionUID = 1;
  private final String code;
  private final boolean retryable;
  private final transient Map<String, ?> details;

  /**
   * A failure.
   *
   * @param code code for programs: 1 to 64 characters out of A-Z 0-9 _, starting with a letter
   * @param message what happened, for people
   * @param retryable whether another attempt may help
   */
  public JobFailure(String code, String message, boolean retryable) {
    this(code, message, retryable, Map.of(), null);
  }

  /**
   * A failure with details and cause.
   *
   * @param code code for programs: 1 to 64 characters out of A-Z 0-9 _, starting with a letter
   * @param message what happened, for people
   * @param retryable whether another attempt may help
   * @param details more, for programs
   * @param cause what it follows from; may be null
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

  /** Code for programs. */
  public String code() {
    return code;
  }

  /** Whether another attempt may help. */
  public boolean retryable() {
    return retryable;
  }

  /** More, for programs. */
  public Map<String, ?> details() {
    return details;
  }
}
