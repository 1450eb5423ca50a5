package dev.milepost.server.store.sqlite;

import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.engine.PendingUpdate;
import dev.milepost.server.store.engine.UpdateQueue;
import dev.milepost.server.store.sql.SqlGroup;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one that changes the database. Its thread takes all decisions that wait, makes one
 * transaction of them, and hands it to the completer, which brings it to the disk and answers.
 * While the disk is busy with one group, the next one grows: a flush, which costs the disk's own
 * time, is shared by as many as came during the one before, and their decisions cost no time beside
 * it.
 */
final class SqliteWriter {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteWriter.class);

  /** Pages in the log after which they are moved into the database, though there is work to do. */
  private static final int CHECKPOINT_PAGES = 8_192;

  /** Decisions after which it is looked whether the group should be committed. */
  private static final int SLICE = 32;

  /** So long others gather while a group waits for the disk. */
  private static final long GATHER_NANOS = 100_000;

  private static final long IDLE_MILLIS = 1_000;
  private static final int IDLE_SWEEP = 1_000;

  private final SqliteTables tables;
  private final SqliteCheckpointer checkpointer;
  private final InstantSource clock;
  private final SqliteOptions options;
  private final SqliteFlusher flusher;
  private final DurableWatermark watermark;
  private final CommitObserver observer;
  private final UpdateQueue queue;
  private final Thread thread = new Thread(this::run, "milepost-store-writer");

  private int pagesInLog;
  private boolean failing;

  SqliteWriter(
      SqliteTables tables,
      SqliteCheckpointer checkpointer,
      InstantSource clock,
      SqliteOptions options,
      SqliteFlusher flusher,
      DurableWatermark watermark,
      CommitObserver observer) {
    this.tables = tables;
    this.checkpointer = checkpointer;
    this.clock = clock;
    this.options = options;
    this.flusher = flusher;
    this.watermark = watermark;
    this.observer = observer;
    this.queue = new UpdateQueue(options.queueLimit());
  }

  void start() {
    thread.start();
  }

  <R> CompletionStage<R> update(Selection selection, Function<Found, Decision<R>> decide) {
    return queue.add(selection, decide);
  }

  /** Ends when all that was handed in is committed; its answers are with the completer then. */
  void finish() {
    queue.close();
    Uninterruptibles.run(thread::join);
  }

  /** The disk has finished with a group: the one that grew meanwhile can be committed. */
  void diskIsIdle() {
    LockSupport.unpark(thread);
  }

  private void run() {
    while (queue.isOpen()) {
      PendingUpdate<?> first = queue.take(IDLE_MILLIS);
      if (first == null) {
        idle();
        continue;
      }
      work(first);
      if (pagesInLog >= CHECKPOINT_PAGES && !flusher.isBroken() && checkpointer.isReadyForRest()) {
        checkpoint();
      }
    }
    flusher.failed(queue.end());
  }

  private void work(PendingUpdate<?> first) {
    if (flusher.isBroken()) {
      first.fail(SqliteFailures.stopped());
      flusher.failed(List.of(first));
      return;
    }
    List<PendingUpdate<?>> tasks = new ArrayList<>();
    SqlGroup group = new SqlGroup(tables, clock);
    try {
      long begun = System.nanoTime();
      decide(group, tasks, first);
      while (tasks.size() < options.groupLimit()) {
        if (flusher.isFlushing()) {
          grow(group, tasks);
        } else if (System.nanoTime() - begun >= options.longestGrowth().toNanos()
            || !takeNext(group, tasks)) {
          break;
        }
      }
      group.write();
    } catch (SQLException e) {
      abandon(0, tasks, SqliteFailures.notApplied(e));
      return;
    } catch (RuntimeException | Error e) {
      abandon(0, tasks, SqliteFailures.fault(Outcome.NOT_APPLIED, e));
      return;
    }
    if (!group.isBegun()) {
      flusher.unchanged(tasks);
      return;
    }
    if (flusher.isBroken()) {
      // Meanwhile: what is not in the log yet need not get there, and its outcome is known.
      abandon(0, tasks, SqliteFailures.stopped());
      return;
    }
    long commit = group.hasWritten() ? watermark.begin() : 0;
    List<Change> changes;
    try {
      tables.commit();
      changes = group.committed();
      pagesInLog += group.pages();
      options.afterCommit().run();
    } catch (SQLException e) {
      abandon(commit, tasks, SqliteFailures.ofCommit(e));
      return;
    } catch (RuntimeException | Error e) {
      abandon(commit, tasks, SqliteFailures.fault(Outcome.UNKNOWN, e));
      return;
    }
    if (commit == 0) {
      flusher.unchanged(tasks);
      return;
    }
    failing = false;
    boolean alone = tasks.size() <= options.fewAlone() && queue.isEmpty();
    flusher.committed(commit, changes, tasks, alone);
  }

  /** Decides on a task and on some of those that wait with it. */
  private void decide(SqlGroup group, List<PendingUpdate<?>> tasks, PendingUpdate<?> first)
      throws SQLException {
    int from = tasks.size();
    tasks.add(first);
    queue.takeAll(tasks, Math.min(SLICE, options.groupLimit() - tasks.size()));
    for (PendingUpdate<?> task : tasks.subList(from, tasks.size())) {
      group.decide(task);
    }
  }

  /** Goes on with those that wait; false where nobody does. */
  private boolean takeNext(SqlGroup group, List<PendingUpdate<?>> tasks) throws SQLException {
    PendingUpdate<?> next = queue.take();
    if (next == null) {
      return false;
    }
    group.writeNew();
    decide(group, tasks, next);
    return true;
  }

  /** Waits for more, or for the disk; what can be written meanwhile is written. */
  private void grow(SqlGroup group, List<PendingUpdate<?>> tasks) throws SQLException {
    if (!takeNext(group, tasks)) {
      group.writeNew();
      // Not woken by each that comes: that would cost more than what it asks for.
      LockSupport.parkNanos(this, GATHER_NANOS);
    }
  }

  private void abandon(long commit, List<PendingUpdate<?>> tasks, StoreException failure) {
    observer.failed(tasks.size());
    if (!failing) {
      // Once, and not for every group until somebody has freed some space.
      failing = true;
      LOG.error("Changes could not be committed.", failure);
    }
    try {
      tables.rollback();
    } catch (SQLException e) {
      // Most often SQLite has rolled back by itself.
      LOG.debug("Nothing was rolled back.", e);
    }
    tasks.forEach(task -> task.fail(failure));
    if (failure.outcome() == Outcome.UNKNOWN || commit > 0) {
      flusher.unknown(commit, tasks);
    } else {
      flusher.failed(tasks);
    }
  }

  private void idle() {
    if (flusher.isBroken()) {
      return;
    }
    try {
      tables.sweepRequests(clock.instant(), IDLE_SWEEP);
    } catch (SQLException e) {
      LOG.warn("Expired requests could not be swept.", e);
      tables.recover();
    }
    if (pagesInLog > 0) {
      checkpoint();
    }
  }

  /**
   * Between groups: nobody waits for it but who comes meanwhile. Not where the disk failed to
   * confirm the log: what it moved might not be what stands on the disk.
   */
  private void checkpoint() {
    if (flusher.isBroken()) {
      return;
    }
    try {
      // Where a reader held it up, it is tried again later.
      pagesInLog = tables.checkpoint() ? 0 : CHECKPOINT_PAGES / 2;
    } catch (SQLException e) {
      LOG.warn("The log could not be moved into the database.", e);
      tables.recover();
      pagesInLog = CHECKPOINT_PAGES / 2;
    }
  }
}
