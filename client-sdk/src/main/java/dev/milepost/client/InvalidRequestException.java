package dev.milepost.client;

import java.io.Serial;
import java.util.List;

/** Something in the request is bad; repeating it is of no use. */
public final class InvalidRequestException extends JobException {
  @Serial private static final long serialVersionUID = 1;
  private final transient List<Violation> violations;

  InvalidRequestException(ServerError error) {
    super(error);
    this.violations = error.violations();
  }

  /** All that is wrong; may be empty where the server named no field. */
  public List<Violation> violations() {
    return violations;
  }

  /**
   * One bad field.
   *
   * @param field path of the field
   * @param description what is wrong with it
   */
  public record Violation(String field, String description) {}
}
