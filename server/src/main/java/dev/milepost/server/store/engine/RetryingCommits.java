package dev.milepost.server.store.engine;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Commits batches to an engine that several servers write to. A batch that loses a race is decided
 * and committed again: three times as a whole, then update by update, so that one update that
 * cannot be committed fails alone. Used by the writer's thread.
 */
public final class RetryingCommits {
  private static final int MAX_BATCH_TRIES = 3;

  private final int maxTries;
  private final long maxPauseNanos;
  private final CommitLog log;
  private final SplittableRandom random = new SplittableRandom();

  /** Decides on a batch and commits it. */
  public interface Attempt {
    /**
     * Commits the first updates of a batch, as many as fit into one group and at least one, all or
     * nothing; and completes them if the commit succeeds.
     *
     * @return how many; the others are committed by further calls
     * @throws CommitFailure if nothing was committed, or the outcome is unknown; the updates are
     *     not completed then
     */
    int commit(List<PendingUpdate<?>> batch) throws CommitFailure;
  }

  /**
   * Commits with these limits.
   *
   * @param maxTries how often a single update is tried
   * @param maxPauseNanos upper bound of the pause after the first lost race; it grows with each
   */
  public RetryingCommits(int maxTries, long maxPauseNanos, CommitLog log) {
    this.maxTries = maxTries;
    this.maxPauseNanos = maxPauseNanos;
    this.log = log;
  }

  /** Tries until every update of the batch is committed or has failed, and completes them. */
  public void commit(List<PendingUpdate<?>> batch, Attempt attempt) {
    List<PendingUpdate<?>> rest = batch;
    while (!rest.isEmpty()) {
      rest = rest.subList(commitFirst(rest, attempt), rest.size());
    }
  }

  /** Returns how many of the first updates are done. */
  private int commitFirst(List<PendingUpdate<?>> batch, Attempt attempt) {
    int tries = batch.size() > 1 ? MAX_BATCH_TRIES : maxTries;
    for (int tried = 1; ; tried++) {
      try {
        return attempt.commit(batch);
      } catch (CommitFailure e) {
        if (e.remedy() == CommitFailure.Remedy.RETRY && tried < tries) {
          // A random pause: otherwise both servers would collide again.
          LockSupport.parkNanos(random.nextLong(tried * maxPauseNanos));
        } else if (e.remedy() != CommitFailure.Remedy.RECONNECT || tried > 1) {
          boolean mayBeOne =
              e.remedy() == CommitFailure.Remedy.RETRY || e.remedy() == CommitFailure.Remedy.SPLIT;
          splitOrFail(batch, attempt, mayBeOne, e.failure());
          return batch.size();
        }
      } catch (RuntimeException | Error e) {
        // A damaged row reports itself.
        StoreException failure =
            e instanceof StoreException store
                ? store
                : StoreFailures.unexpected(Outcome.NOT_APPLIED, e);
        splitOrFail(batch, attempt, true, failure);
        return batch.size();
      }
    }
  }

  private void splitOrFail(
      List<PendingUpdate<?>> batch, Attempt attempt, boolean mayBeOne, StoreException failure) {
    if (mayBeOne && batch.size() > 1) {
      batch.forEach(update -> commit(List.of(update), attempt));
    } else {
      log.failed(batch, failure);
      batch.forEach(PendingUpdate::complete);
    }
  }
}
