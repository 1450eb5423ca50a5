package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;
import java.util.List;

/** The request is invalid, or larger than the server reads; retrying it unchanged is useless. */
public final class InvalidRequestException extends JobException {
  @Serial private static final long serialVersionUID = 1;
  private final transient List<Violation> violations;

  /**
   * Creates the exception, for tests of code that handles it.
   *
   * @param message what happened, for people
   * @param violations the invalid fields; may be empty
   */
  public InvalidRequestException(String message, List<Violation> violations) {
    super(Status.Code.INVALID_ARGUMENT, message, null);
    this.violations = List.copyOf(violations);
  }

  InvalidRequestException(ServerError error) {
    super(error);
    this.violations = error.violations();
  }

  /** Returns all violations; empty if the server named no field. */
  public List<Violation> violations() {
    return violations;
  }

  /**
   * One invalid field.
   *
   * @param field path of the field
   * @param description what is wrong with it
   */
  public record Violation(String field, String description) {}
}
