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
  private final Kind kind;

  /** What is known about the requested change. */
  public enum Outcome {
    /** The change was not made. Trying again later may help. */
    NOT_APPLIED,
    /** The change may or may not have been made: only reading can tell. */
    UNKNOWN
  }

  /** What kind of failure it is: whether it lasts, and who writes it to the log. */
  public enum Kind {
    /** A failure of this request. Whoever handles it writes it to the log. */
    REQUEST,
    /** The engine cannot be reached. The store writes the outage to the log as a whole. */
    AWAY,
    /** There is no room for the change. The store writes this to the log as a whole. */
    FULL,
    /** The store has stopped for good. It has written to the log why, when it stopped. */
    STOPPED
  }

  /**
   * A failure of one request.
   *
   * @param message what happened and what to do, for operators; contains no credentials
   */
  public StoreException(Outcome outcome, String message, @Nullable Throwable cause) {
    this(outcome, Kind.REQUEST, message, cause);
  }

  /**
   * A failure. One that the store itself reports has no stack trace: there may be thousands a
   * second.
   *
   * @param message what happened and what to do, for operators; contains no credentials
   */
  public StoreException(Outcome outcome, Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause, kind == Kind.REQUEST, kind == Kind.REQUEST);
    this.outcome = outcome;
    this.kind = kind;
  }

  /** A failure of one request, without a cause. */
  public StoreException(Outcome outcome, String message) {
    this(outcome, message, null);
  }

  /** What is known about the requested change. */
  public Outcome outcome() {
    return outcome;
  }

  /** Whether the failure lasts, and who writes it to the log. */
  public Kind kind() {
    return kind;
  }

  /**
   * Returns whether a failure is one that the store itself writes to the log, so that its callers
   * need not.
   *
   * @param failure of a stage of the store, as it is or wrapped in other exceptions
   */
  public static boolean isReported(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof StoreException store) {
        return store.kind != Kind.REQUEST;
      }
    }
    return false;
  }
}
