package dev.milepost.server.store.postgres;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Erased;
import dev.milepost.server.store.RecordWrite;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.engine.ChangePublisher;
import dev.milepost.server.store.engine.CommitFailure;
import dev.milepost.server.store.engine.CommitLog;
import dev.milepost.server.store.engine.EngineClock;
import dev.milepost.server.store.engine.PendingUpdate;
import dev.milepost.server.store.engine.RetryingCommits;
import dev.milepost.server.store.engine.StoreMonitor;
import dev.milepost.server.store.engine.UpdateLoop;
import dev.milepost.server.store.engine.UpdateQueue;
import dev.milepost.server.store.engine.WriterChores;
import dev.milepost.server.store.sql.ServerRecordTable;
import dev.milepost.server.store.sql.SqlGroup;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This server's writer to the database. It commits all waiting updates in one transaction; while
 * one is committed, the next ones accumulate.
 */
final class PostgresWriter implements UpdateLoop.Writer {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresWriter.class);

  private static final int MAX_EXPIRED_REQUESTS = 1_000;
  private static final int MAX_TRIES = 12;
  private static final long MAX_PAUSE_NANOS = 2_000_000;

  /** What fraction of a group's memory the bytes that are read ahead may use: one part in four. */
  private static final int READ_SHARE = 4;

  private final PostgresDatabase database;
  private final EngineClock clock;
  private final PostgresOptions options;
  private final int journalCap;
  private final int slot;
  private final PostgresChangeTable changeTable;
  private final ChangePublisher publisher;
  private final Runnable afterCommit;
  private final CommitObserver observer;
  private final UpdateQueue queue;
  private final StoreMonitor monitor;
  private final WriterChores<PostgresWriter> chores;
  private final CommitLog log;
  private final RetryingCommits commits;

  private @Nullable PostgresTables tables;

  /** How many updates to try to commit together: after large ones, not many more than fit. */
  private int expected;

  PostgresWriter(
      PostgresDatabase database,
      EngineClock clock,
      PostgresOptions options,
      int journalCap,
      int slot,
      PostgresChangeTable changeTable,
      ChangePublisher publisher,
      Runnable afterCommit,
      CommitObserver observer,
      UpdateQueue queue,
      WriterChores<PostgresWriter> chores,
      StoreMonitor monitor,
      CommitLog log) {
    this.database = database;
    this.clock = clock;
    this.options = options;
    this.journalCap = journalCap;
    this.slot = slot;
    this.changeTable = changeTable;
    this.publisher = publisher;
    this.afterCommit = afterCommit;
    this.observer = observer;
    this.queue = queue;
    this.chores = chores;
    this.expected = options.groupLimit();
    this.monitor = monitor;
    this.log = log;
    this.commits = new RetryingCommits(MAX_TRIES, MAX_PAUSE_NANOS, log);
  }

  @Override
  public void write(PendingUpdate<?> first) {
    List<PendingUpdate<?>> batch = new ArrayList<>();
    batch.add(first);
    queue.takeAll(batch, options.groupLimit() - 1);
    if (monitor.isAway()) {
      log.refused(batch, monitor.unavailable(Outcome.NOT_APPLIED));
      return;
    }
    commits.commit(batch, this::commit);
    chores.run(this);
  }

  @Override
  public void end(List<PendingUpdate<?>> late) {
    late.forEach(PendingUpdate::complete);
    chores.end();
    disconnect();
  }

  /** Erases what is left of a user without jobs. Writer's thread only. */
  Erased erase(String tenantId, String userId) {
    return inTransaction(tables -> PostgresErasure.erase(tables, tenantId, userId));
  }

  /** Writes what servers keep beside the jobs. Writer's thread only. */
  boolean write(RecordWrite write) {
    return inTransaction(
        tables -> {
          // Jobs do not wait for the disk because of it.
          tables.sql().run("SET LOCAL synchronous_commit TO off");
          new ServerRecordTable(tables.sql()).write(write, clock.instant());
          return true;
        });
  }

  /** What is done in a transaction of its own. */
  private interface Work<R> {
    R on(PostgresTables tables) throws SQLException;
  }

  private <R> R inTransaction(Work<R> work) {
    if (monitor.isAway()) {
      throw monitor.unavailable(Outcome.NOT_APPLIED);
    }
    try {
      R result = work.on(connected());
      connected().commit();
      return result;
    } catch (SQLException e) {
      undo();
      if (PostgresFailures.isConnection(e)) {
        disconnect();
      }
      throw PostgresFailures.ofCommit(e);
    }
  }

  /** Returns how many updates were committed, from the first. */
  private int commit(List<PendingUpdate<?>> batch) throws CommitFailure {
    List<PendingUpdate<?>> first = batch.subList(0, Math.min(batch.size(), expected));
    try {
      int committed = decideAndCommit(connected(), first);
      expected =
          committed < first.size() ? 2 * committed : Math.min(4 * expected, options.groupLimit());
      return committed;
    } catch (SQLException e) {
      undo();
      CommitFailure.Remedy remedy = PostgresFailures.remedy(e);
      if (remedy == CommitFailure.Remedy.RECONNECT) {
        disconnect();
        if (monitor.isAwayAfterCheck()) {
          throw new CommitFailure(
              CommitFailure.Remedy.NONE, monitor.unavailable(Outcome.NOT_APPLIED));
        }
      }
      throw new CommitFailure(remedy, PostgresFailures.notApplied(e));
    } catch (RuntimeException | Error | CommitFailure e) {
      undo();
      throw e;
    }
  }

  /** Decides on updates until their jobs use much memory, and commits them. */
  private int decideAndCommit(PostgresTables to, List<PendingUpdate<?>> batch)
      throws SQLException, CommitFailure {
    clock.setIfUncertain(() -> PostgresDatabase.now(to.sql()));
    Set<JobKey> named = named(batch);
    if (!named.isEmpty()) {
      to.lockAhead(named, options.groupBytes() / READ_SHARE);
    }
    SqlGroup group = new SqlGroup(to, clock, options.groupBytes());
    List<PendingUpdate<?>> decided = new ArrayList<>();
    for (PendingUpdate<?> update : batch) {
      group.decide(update);
      decided.add(update);
      if (group.isLarge()) {
        break;
      }
    }
    group.write();
    if (!group.hasWritten()) {
      to.rollback();
      decided.forEach(PendingUpdate::complete);
      return decided.size();
    }
    List<Change> changes = group.changes();
    changeTable.put(to.sql(), changes);
    long begun = System.nanoTime();
    commitAndPublish(to, changes);
    log.succeeded();
    monitor.proved();
    observer.committed(decided.size(), System.nanoTime() - begun);
    observer.changed(changes);
    decided.forEach(PendingUpdate::complete);
    return decided.size();
  }

  private void commitAndPublish(PostgresTables to, List<Change> changes) throws CommitFailure {
    try {
      publisher.publish(
          () -> {
            to.commit();
            afterCommit.run();
            return changes;
          });
    } catch (SQLException e) {
      StoreException failure = PostgresFailures.ofCommit(e);
      if (failure.outcome() == Outcome.UNKNOWN) {
        publisher.publishMissed();
        if (monitor.isAwayAfterCheck()) {
          failure = monitor.unavailable(Outcome.UNKNOWN);
        }
      }
      throw new CommitFailure(CommitFailure.Remedy.NONE, failure);
    }
  }

  private static Set<JobKey> named(List<PendingUpdate<?>> batch) {
    Set<JobKey> keys = new LinkedHashSet<>();
    for (PendingUpdate<?> update : batch) {
      if (update.selection() instanceof Selection.Named named && !named.areNew()) {
        keys.addAll(named.keys());
      }
    }
    return keys;
  }

  private PostgresTables connected() throws SQLException {
    PostgresTables known = tables;
    if (known == null) {
      known = new PostgresTables(database.connectToWrite(), journalCap, slot);
      tables = known;
    }
    return known;
  }

  /** Releases what a transaction held; if the connection is lost, the database has done so. */
  private void undo() {
    PostgresTables known = tables;
    if (known != null) {
      try {
        known.rollback();
      } catch (SQLException e) {
        LOG.debug("Could not roll back: dropping the connection.", e);
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
        LOG.debug("Could not close a connection properly.", e);
      }
    }
  }

  @Override
  public void idle() {
    if (monitor.isAway()) {
      return;
    }
    try {
      connected().deleteExpired(clock.instant(), MAX_EXPIRED_REQUESTS);
    } catch (SQLException e) {
      LOG.debug("Could not delete expired requests.", e);
      undo();
    }
  }
}
