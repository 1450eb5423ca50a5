package dev.milepost.server.store.engine;

import dev.milepost.server.store.StoreException;
import java.io.Serial;

/** A batch of updates was not committed. Says what may help. */
public final class CommitFailure extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final Remedy remedy;
  private final StoreException failure;

  /** What may help. */
  public enum Remedy {
    /** Another server changed the same jobs first: decide again after a short random pause. */
    RETRY,
    /** The connection was lost before the commit: try once more on a new connection. */
    RECONNECT,
    /** A single update may be the cause: try them one by one. */
    SPLIT,
    /** Nothing. */
    NONE
  }

  /**
   * A failure.
   *
   * @param failure what the updates fail with if the remedy does not help
   */
  public CommitFailure(Remedy remedy, StoreException failure) {
    // Losing a race is normal operation, so no stack trace is recorded.
    super(failure.getMessage(), failure, false, false);
    this.remedy = remedy;
    this.failure = failure;
  }

  Remedy remedy() {
    return remedy;
  }

  StoreException failure() {
    return failure;
  }
}
