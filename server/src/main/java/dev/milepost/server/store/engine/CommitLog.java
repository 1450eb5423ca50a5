package dev.milepost.server.store.engine;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.StoreException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports failed commits: each to the observer, and the first of a series to the log. Used by the
 * writer's thread.
 */
public final class CommitLog {
  private static final Logger LOG = LoggerFactory.getLogger(CommitLog.class);

  private final CommitObserver observer;
  private boolean failing;

  /** A log without a failure. */
  public CommitLog(CommitObserver observer) {
    this.observer = observer;
  }

  /** Fails the updates of a batch, without completing them. */
  public void failed(List<PendingUpdate<?>> batch, StoreException failure) {
    observer.failed(batch.size());
    if (!failing) {
      failing = true;
      LOG.error(
          "Changes could not be committed. Further failures are not logged until a commit"
              + " succeeds.",
          failure);
    }
    batch.forEach(update -> update.fail(failure));
  }

  /** A commit succeeded: the next failure is logged again. */
  public void succeeded() {
    failing = false;
  }
}
