package dev.milepost.server.store;

import java.util.List;

/**
 * Receives measurements of a store: of its commits, of damage that it finds, and of its clock.
 * Called on threads of the store: must be quick, and must neither block nor throw.
 */
public interface CommitObserver {
  /** Ignores all measurements. */
  CommitObserver NONE =
      new CommitObserver() {
        @Override
        public void committed(int updates, long nanos) {}

        @Override
        public void failed(int updates) {}
      };

  /**
   * A flush has made updates durable.
   *
   * @param updates updates that shared the flush, 1 or more, including those that changed nothing
   * @param nanos how long the flush took
   */
  void committed(int updates, long nanos);

  /**
   * A group could not be committed, or its outcome is unknown.
   *
   * @param updates updates that failed with it, 1 or more
   */
  void failed(int updates);

  /**
   * This server has committed changes, as durably as the store guarantees. Each change is passed
   * once, to the server that made it; those whose outcome is unknown are not.
   *
   * @param changes in order; several commits to one job may be one change
   */
  default void changed(List<Change> changes) {}

  /** A job was found that cannot be read, for the first time. */
  default void foundUnreadable() {}

  /** A run of a job's journal entries was found that cannot be read, for the first time. */
  default void foundUnreadableEntries() {}

  /** An item was found that cannot be read, for the first time. */
  default void foundUnreadableItem() {}

  /**
   * The clock that decides was set.
   *
   * @param micros by how much: positive forward, negative back
   */
  default void clockJumped(long micros) {}

  /**
   * The server did not run for a while.
   *
   * @param micros for how long
   */
  default void paused(long micros) {}
}
