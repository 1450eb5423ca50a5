package dev.milepost.server.store.engine;

import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports failed commits: each to the observer, and the first of a series to the log. Those of an
 * engine that is away, or has no room, are counted in the outage; those of a store that has stopped
 * are not logged again. Used by the writer's thread.
 */
public final class CommitLog {
  private static final Logger LOG = LoggerFactory.getLogger(CommitLog.class);

  /** A small change may still fit where others do not. */
  private static final Duration CALM_AFTER_FULL = Duration.ofSeconds(10);

  private final CommitObserver observer;
  private final PartState space;
  private final LongConsumer away;
  private boolean failing;

  /**
   * A log without a failure.
   *
   * @param space whether there is room for changes
   * @param away counts updates that failed because the engine is away
   */
  public CommitLog(CommitObserver observer, PartState space, LongConsumer away) {
    this.observer = observer;
    this.space = space;
    this.away = away;
  }

  /** Returns whether an engine has room for changes, as its writer finds out. */
  public static PartState space(TimeSource time) {
    return new PartState(
        "Storing changes",
        "Changes are rejected; reads continue.",
        Duration.ZERO,
        CALM_AFTER_FULL,
        time);
  }

  /** Fails the updates of a batch, without completing them. */
  public void failed(List<PendingUpdate<?>> batch, StoreException failure) {
    observer.failed(batch.size());
    switch (failure.kind()) {
      case AWAY -> away.accept(batch.size());
      case STOPPED -> {}
      case FULL -> space.failed(String.valueOf(failure.getMessage()), batch.size());
      case REQUEST -> {
        if (!failing) {
          failing = true;
          LOG.error(
              "Changes could not be committed. Further failures are not logged until a commit"
                  + " succeeds.",
              failure);
        }
      }
    }
    batch.forEach(update -> update.fail(failure));
  }

  /** Fails the updates of a batch that was not tried, and completes them. */
  public void refused(List<PendingUpdate<?>> batch, StoreException failure) {
    failed(batch, failure);
    batch.forEach(PendingUpdate::complete);
  }

  /** A commit succeeded: the next failure is logged again. */
  public void succeeded() {
    failing = false;
    space.worked();
  }
}
