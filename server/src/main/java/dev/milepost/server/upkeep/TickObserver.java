package dev.milepost.server.upkeep;

import dev.milepost.storage.v1.ChildWorkKind;

/**
 * Is told what upkeep did, for those who measure. Called on a thread of the store: must be quick,
 * must not block and must not throw.
 */
public interface TickObserver {
  /** Nobody measures. */
  TickObserver NONE =
      new TickObserver() {
        @Override
        public void ticked(TickResult result) {}

        @Override
        public void failed() {}

        @Override
        public void sliced(ChildWorkKind kind) {}
      };

  /** A job was ticked, and what came of it is committed. */
  void ticked(TickResult result);

  /**
   * A slice of due jobs could not be found or ticked, or one of a family could not be done; it is
   * tried again.
   */
  void failed();

  /** A slice of what is to be done to the children of a batch or task is committed. */
  void sliced(ChildWorkKind kind);
}
