package dev.milepost.server.store;

import java.util.List;

/**
 * Is told of commits, in their order, by one thread at a time. Must be quick and must not throw.
 */
public interface ChangeListener {
  /**
   * Commits happened.
   *
   * @param changes in order; of several commits on one job within a group there may be one change,
   *     from before the first to after the last, with the entries of all
   */
  void changed(List<Change> changes);

  /** Changes may have been missed: look at everything again, by position. */
  void missed();

  /**
   * The store has failed for good: from now on it refuses all updates and reads, until it is closed
   * and opened again. Told once, and at once to who subscribes later; does nothing unless it is
   * overridden.
   */
  default void stopped() {}

  /** A listener to whom nothing matters but that the store has failed for good. */
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
