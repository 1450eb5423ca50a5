package dev.milepost.server.store.engine;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;

/** Failures that are the same for every store. */
public final class StoreFailures {
  private StoreFailures() {}

  /** The store does not accept work any more. */
  public static StoreException closed() {
    return new StoreException(
        Outcome.NOT_APPLIED, "The store is closed because the server is stopping. Try again.");
  }

  /** Too much work is waiting. */
  public static StoreException overloaded() {
    return new StoreException(
        Outcome.NOT_APPLIED,
        "The store is overloaded: too many requests are waiting. Try again later.");
  }

  /** The store itself is at fault. */
  public static StoreException unexpected(Outcome outcome, Throwable cause) {
    return new StoreException(
        outcome, "The store failed unexpectedly. See the server's log.", cause);
  }
}
