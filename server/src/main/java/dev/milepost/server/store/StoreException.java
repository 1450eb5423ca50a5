package dev.milepost.server.store;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The store itself failed: for example, its disk is full, its engine cannot be reached, its data is
 * damaged, or it is closed.
 */
public final class StoreException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;
  private final Outcome outcome;

  /** What is known about the requested change. */
  public enum Outcome {
    /** The change was not made. Trying again later may help. */
    NOT_APPLIED,
    /** The change may or may not have been made: only reading can tell. */
    UNKNOWN
  }

  /**
   * A failure.
   *
   * @param message what happened and what to do, for operators; contains no credentials
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

  /** What is known about the requested change. */
  public Outcome outcome() {
    return outcome;
  }
}
