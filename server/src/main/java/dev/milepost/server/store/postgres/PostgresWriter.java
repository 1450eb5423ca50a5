package dev.milepost.server.store.postgres;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.engine.ChangePublisher;
import dev.milepost.server.store.engine.PendingUpdate;
import dev.milepost.server.store.engine.UpdateQueue;
import dev.milepost.server.store.sql.SqlGroup;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one of this server that changes the database. Its thread makes one transaction of all
 * decisions that wait; while one is committed, the next ones gather. Where another server changed
 * the same jobs first, the decisions are taken again.
 */
final class PostgresWriter {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresWriter.class);
  private static final long IDLE_MILLIS = 1_000;
  private static final int SWEEP = 1_000;

  /** Times that a group is tried as a whole before its decisions are tried one by one. */
  private static final int GROUP_TRIES = 3;

  /** Times that one decision is tried. */
  private static final int TRIES = 12;

  private static final long LONGEST_PAUSE_NANOS = 2_000_000;

  private final PostgresDatabase database;
  private final InstantSource clock;
  private final PostgresOptions options;
  private final int journalCap;
  private final int slot;
  private final PostgresChangeTable changeTable;
  private final ChangePublisher publisher;
  private final Runnable afterCommit;
  private final CommitObserver observer;
  private final UpdateQueue queue;
  private final SplittableRandom random = new SplittableRandom();
  private final Thread thread =
      ThreadFactories.nonDaemon("milepost-store-writer").newThread(this::run);

  private @Nullable PostgresTables tables;
  private boolean failing;

  PostgresWriter(
      PostgresDatabase database,
      InstantSource clock,
      PostgresOptions options,
      int journalCap,
      int slot,
      PostgresChangeTable changeTable,
      ChangePublisher publisher,
      Runnable afterCommit,
      CommitObserver observer) {
    this.database = database;
    this.clock = clock;
    this.options = options;
    this.journalCap = journalCap;
    this.slot = slot;
    this.changeTable = changeTable;
    this.publisher = publisher;
    this.afterCommit = afterCommit;
    this.observer = observer;
    this.queue = new UpdateQueue(options.queueLimit());
  }

  void start() {
    thread.start();
  }

  <R> CompletionStage<R> update(Selection selection, Function<Found, Decision<R>> decide) {
    return queue.add(selection, decide);
  }

  /** Ends when all that was handed in is committed and answered. */
  void finish() {
    queue.close();
    Uninterruptibles.run(thread::join);
  }

  private void run() {
    while (queue.isOpen()) {
      PendingUpdate<?> first = queue.take(IDLE_MILLIS);
      if (first == null) {
        idle();
        continue;
      }
      List<PendingUpdate<?>> tasks = new ArrayList<>();
      tasks.add(first);
      queue.takeAll(tasks, options.groupLimit() - 1);
      work(tasks);
    }
    queue.end().forEach(PendingUpdate::answer);
    disconnect();
  }

  /** Tries a group until it is committed, or nothing helps. */
  private void work(List<PendingUpdate<?>> tasks) {
    int tries = tasks.size() > 1 ? GROUP_TRIES : TRIES;
    for (int attempt = 1; ; attempt++) {
      try {
        commit(tasks);
        return;
      } catch (SQLException e) {
        undo();
        if (PostgresFailures.isConflict(e) && attempt < tries) {
          pause(attempt);
        } else if (PostgresFailures.isConnection(e) && attempt == 1) {
          // Nothing was committed: it goes on by a new connection, if there is one to be had.
          disconnect();
        } else if (tasks.size() > 1 && PostgresFailures.isOfOne(e)) {
          oneByOne(tasks);
          return;
        } else {
          fail(tasks, PostgresFailures.notApplied(e));
          return;
        }
      } catch (RuntimeException | Error e) {
        undo();
        if (tasks.size() > 1) {
          oneByOne(tasks);
        } else {
          // A row that is damaged says so itself.
          fail(
              tasks,
              e instanceof StoreException store
                  ? store
                  : PostgresFailures.fault(Outcome.NOT_APPLIED, e));
        }
        return;
      }
    }
  }

  /** One of them spoils it for the others, and only trying tells which. */
  private void oneByOne(List<PendingUpdate<?>> tasks) {
    tasks.forEach(task -> work(List.of(task)));
  }

  /** Who lost a race waits a moment of chance, lest both lose the next one, too. */
  private void pause(int attempt) {
    LockSupport.parkNanos(random.nextLong(attempt * LONGEST_PAUSE_NANOS));
  }

  private void commit(List<PendingUpdate<?>> tasks) throws SQLException {
    PostgresTables to = connected();
    Set<JobKey> named = named(tasks);
    if (!named.isEmpty()) {
      to.lookAhead(named);
    }
    SqlGroup group = new SqlGroup(to, clock);
    for (PendingUpdate<?> task : tasks) {
      group.decide(task);
    }
    group.write();
    if (!group.hasWritten()) {
      to.rollback();
      tasks.forEach(PendingUpdate::answer);
      return;
    }
    List<Change> changes = group.changes();
    changeTable.put(to.sql(), changes);
    long begun = System.nanoTime();
    StoreException failure = commit(to, changes);
    if (failure != null) {
      undo();
      fail(tasks, failure);
      return;
    }
    failing = false;
    observer.committed(tasks.size(), System.nanoTime() - begun);
    tasks.forEach(PendingUpdate::answer);
  }

  /** Commits and tells; what it failed with, or null. */
  private @Nullable StoreException commit(PostgresTables to, List<Change> changes) {
    try {
      publisher.publish(
          () -> {
            to.commit();
            afterCommit.run();
            return changes;
          });
      return null;
    } catch (SQLException e) {
      StoreException failure = PostgresFailures.ofCommit(e);
      if (failure.outcome() == Outcome.UNKNOWN) {
        publisher.publishMissed();
      }
      return failure;
    }
  }

  private static Set<JobKey> named(List<PendingUpdate<?>> tasks) {
    Set<JobKey> keys = new LinkedHashSet<>();
    for (PendingUpdate<?> task : tasks) {
      if (task.selection() instanceof Selection.Named named && !named.areNew()) {
        keys.addAll(named.keys());
      }
    }
    return keys;
  }

  private void fail(List<PendingUpdate<?>> tasks, StoreException failure) {
    observer.failed(tasks.size());
    if (!failing) {
      // Once, and not for every group until somebody has mended it.
      failing = true;
      LOG.error("Changes could not be committed.", failure);
    }
    tasks.forEach(task -> task.fail(failure));
    tasks.forEach(PendingUpdate::answer);
  }

  private PostgresTables connected() throws SQLException {
    PostgresTables known = tables;
    if (known == null) {
      known = new PostgresTables(database.connectToWrite(), journalCap, slot);
      tables = known;
    }
    return known;
  }

  /** Gives back what a transaction held; where the connection is gone, the database has done so. */
  private void undo() {
    PostgresTables known = tables;
    if (known != null) {
      try {
        known.rollback();
      } catch (SQLException e) {
        LOG.debug("The connection is given up.", e);
        disconnect();
      }
    }
  }

  private void disconnect() {
    PostgresTables known = tables;
    tables = null;
    if (known != null) {
      try {
        known.close();
      } catch (SQLException e) {
        LOG.debug("A connection was closed after a failure.", e);
      }
    }
  }

  private void idle() {
    try {
      PostgresTables known = connected();
      known.sweep(clock.instant(), SWEEP);
    } catch (SQLException e) {
      LOG.debug("Expired requests could not be swept.", e);
      undo();
    }
  }
}
