package dev.milepost.client;

import java.io.Serial;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by a handler to fail its attempt with a custom error code, details, and a decision about
 * retries.
 */
public class JobFailure extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** More than fit into the details' 16,384 bytes. */
  private static final int MAX_DETAILS = 1_024;

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
   * @param details machine-readable details: any values, also null. Those that cannot be encoded
   *     are written as text; if all together exceed 16,384 bytes, some are left out, and the entry
   *     {@code details_cut} says so
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
    this.details = copy(details);
  }

  /** An exception that hides the failure would be worse than a failure without details. */
  private static Map<String, ?> copy(@Nullable Map<String, ?> details) {
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    try {
      if (details != null) {
        for (Map.Entry<String, ?> entry : details.entrySet()) {
          copy.put(entry.getKey(), entry.getValue());
          if (copy.size() > MAX_DETAILS) {
            copy.put("details_cut", "only the first " + MAX_DETAILS + " entries are kept");
            break;
          }
        }
      }
    } catch (RuntimeException e) {
      copy.put("details_cut", "the details cannot be read: " + UserCode.className(e));
    }
    return Collections.unmodifiableMap(copy);
  }

  /** Returns the machine-readable code. */
  public String code() {
    return code;
  }

  /** Returns whether another attempt may succeed. */
  public boolean retryable() {
    return retryable;
  }

  /** Returns the machine-readable details, unmodifiable; values may be null. */
  public Map<String, ?> details() {
    return details;
  }
}
