package dev.milepost.server.upkeep;

import dev.milepost.storage.v1.ChildWorkKind;

/**
 * Receives what upkeep did, for meters. Called on a thread of the store: must be quick, must not
 * block and must not throw.
 */
public interface TickObserver {
  /** Does nothing. */
  TickObserver NONE =
      new TickObserver() {
        @Override
        public void ticked(TickResult result) {}

        @Override
        public void failed() {}

        @Override
        public void sliced(ChildWorkKind kind) {}
      };

  /** Called when a tick of a job is committed. */
  void ticked(TickResult result);

  /** Called when a slice of due jobs, or of work on child jobs, has failed; it will be retried. */
  void failed();

  /** Called when a slice of work on the child jobs of a batch or task is committed. */
  void sliced(ChildWorkKind kind);
}
