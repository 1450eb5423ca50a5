package dev.milepost.server.store;

import java.util.List;

/** Receives commits in their order, from one thread at a time. Must be quick and must not throw. */
public interface ChangeListener {
  /**
   * Called after commits.
   *
   * @param changes in order. Several commits to one job within a group may arrive as one change,
   *     from before the first to after the last, with the entries of all
   */
  void changed(List<Change> changes);

  /** Changes may have been missed: read everything again, from the last known positions. */
  void missed();

  /**
   * The store has failed for good: it refuses all updates and reads until it is closed and opened
   * again. Called once; for a later subscriber, during the subscription.
   */
  default void stopped() {}

  /**
   * The engine of the store went away, or is back. Called on a thread of the store, in order.
   *
   * @param available whether the engine can be used; otherwise updates and reads fail at once
   */
  default void availabilityChanged(boolean available) {}

  /** Returns a listener that only reacts to the store failing for good. */
  static ChangeListener ofEnd(Runnable stopped) {
    return new ChangeListener() {
      @Override
      public void changed(List<Change> changes) {}

      @Override
      public void missed() {}

      @Override
      public void stopped() {
        stopped.run();
      }
    };
  }
}
