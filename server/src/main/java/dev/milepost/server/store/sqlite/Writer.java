package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.Change;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.engine.Inbox;
import dev.milepost.server.store.engine.Task;
import dev.milepost.server.store.engine.Threads;
import dev.milepost.server.store.sql.Group;
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
final class Writer {
  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

  /** Pages in the log after which they are moved into the database, though there is work to do. */
  private static final int CHECKPOINT_PAGES = 8_192;

  /** Decisions after which it is looked whether the group should be committed. */
  private static final int SLICE = 32;

  /** So long others gather while a group waits for the disk. */
  private static final long GATHER_NANOS = 100_000;

  private static final long IDLE_MILLIS = 1_000;
  private static final int IDLE_SWEEP = 1_000;

  private final SqliteTables tables;
  private final Checkpointer checkpointer;
  private final InstantSource clock;
  private final SqliteOptions options;
  private final Completer completer;
  private final Flushed flushed;
  private final CommitObserver observer;
  private final Inbox inbox;
  private final Thread thread = new Thread(this::run, "milepost-store-writer");

  private int pagesInLog;
  private boolean failing;

  Writer(
      SqliteTables tables,
      Checkpointer checkpointer,
      InstantSource clock,
      SqliteOptions options,
      Completer completer,
      Flushed flushed,
      CommitObserver observer) {
    this.tables = tables;
    this.checkpointer = checkpointer;
    this.clock = clock;
    this.options = options;
    this.completer = completer;
    this.flushed = flushed;
    this.observer = observer;
    this.inbox = new Inbox(options.queueLimit());
  }

  void start() {
    thread.start();
  }

  <R> CompletionStage<R> update(Selection selection, Function<Found, Decision<R>> decide) {
    return inbox.add(selection, decide);
  }

  /** Ends when all that was handed in is committed; its answers are with the completer then. */
  void finish() {
    inbox.close();
    Threads.await(thread::join);
  }

  /** The disk has finished with a group: the one that grew meanwhile can be committed. */
  void diskIsIdle() {
    LockSupport.unpark(thread);
  }

  private void run() {
    while (inbox.isOpen()) {
      Task<?> first = inbox.take(IDLE_MILLIS);
      if (first == null) {
        idle();
        continue;
      }
      work(first);
      if (pagesInLog >= CHECKPOINT_PAGES
          && !completer.isBroken()
          && checkpointer.isReadyForRest()) {
        checkpoint();
      }
    }
    completer.failed(inbox.end());
  }

  private void work(Task<?> first) {
    if (completer.isBroken()) {
      first.fail(Failures.stopped());
      completer.failed(List.of(first));
      return;
    }
    List<Task<?>> tasks = new ArrayList<>();
    Group group = new Group(tables, clock);
    try {
      long begun = System.nanoTime();
      decide(group, tasks, first);
      while (tasks.size() < options.groupLimit()) {
        if (completer.isFlushing()) {
          grow(group, tasks);
        } else if (System.nanoTime() - begun >= options.longestGrowth().toNanos()
            || !takeNext(group, tasks)) {
          break;
        }
      }
      group.write();
    } catch (SQLException e) {
      abandon(0, tasks, Failures.notApplied(e));
      return;
    } catch (RuntimeException | Error e) {
      abandon(0, tasks, Failures.fault(Outcome.NOT_APPLIED, e));
      return;
    }
    if (!group.isBegun()) {
      completer.unchanged(tasks);
      return;
    }
    if (completer.isBroken()) {
      // Meanwhile: what is not in the log yet need not get there, and its outcome is known.
      abandon(0, tasks, Failures.stopped());
      return;
    }
    long commit = group.hasWritten() ? flushed.begin() : 0;
    List<Change> changes;
    try {
      tables.commit();
      changes = group.committed();
      pagesInLog += group.pages();
      options.afterCommit().run();
    } catch (SQLException e) {
      abandon(commit, tasks, Failures.ofCommit(e));
      return;
    } catch (RuntimeException | Error e) {
      abandon(commit, tasks, Failures.fault(Outcome.UNKNOWN, e));
      return;
    }
    if (commit == 0) {
      completer.unchanged(tasks);
      return;
    }
    failing = false;
    boolean alone = tasks.size() <= options.fewAlone() && inbox.isEmpty();
    completer.committed(commit, changes, tasks, alone);
  }

  /** Decides on a task and on some of those that wait with it. */
  private void decide(Group group, List<Task<?>> tasks, Task<?> first) throws SQLException {
    int from = tasks.size();
    tasks.add(first);
    inbox.takeAll(tasks, Math.min(SLICE, options.groupLimit() - tasks.size()));
    for (Task<?> task : tasks.subList(from, tasks.size())) {
      group.decide(task);
    }
  }

  /** Goes on with those that wait; false where nobody does. */
  private boolean takeNext(Group group, List<Task<?>> tasks) throws SQLException {
    Task<?> next = inbox.take();
    if (next == null) {
      return false;
    }
    group.writeNew();
    decide(group, tasks, next);
    return true;
  }

  /** Waits for more, or for the disk; what can be written meanwhile is written. */
  private void grow(Group group, List<Task<?>> tasks) throws SQLException {
    if (!takeNext(group, tasks)) {
      group.writeNew();
      // Not woken by each that comes: that would cost more than what it asks for.
      LockSupport.parkNanos(this, GATHER_NANOS);
    }
  }

  private void abandon(long commit, List<Task<?>> tasks, StoreException failure) {
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
      completer.unknown(commit, tasks);
    } else {
      completer.failed(tasks);
    }
  }

  private void idle() {
    if (completer.isBroken()) {
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
    if (completer.isBroken()) {
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
