package dev.milepost.server.store;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The store itself failed: its disk is full, its engine cannot be reached, its data are damaged, it
 * is closed.
 */
public final class StoreException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;
  private final Outcome outcome;

  /** What is known of the change that was asked for. */
  public enum Outcome {
    /** It was not made. Trying again later may help. */
    NOT_APPLIED,
    /** It may have been made or not: only reading again can tell. */
    UNKNOWN
  }

  /**
   * A failure.
   *
   * @param message one sentence for people that says what to do
   */
  public StoreException(Outcome outcome, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.outcome = outcome;
  }

  /** A failure without a cause. */
  public StoreException(Outcome outcome, String message) {
    super(message);
    this.outcome = outcome;
  }

  /** What is known of the change that was asked for. */
  public Outcome outcome() {
    return outcome;
  }
}
