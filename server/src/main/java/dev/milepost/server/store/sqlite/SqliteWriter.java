package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.Change;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.engine.CommitLog;
import dev.milepost.server.store.engine.PendingUpdate;
import dev.milepost.server.store.engine.StoreFailures;
import dev.milepost.server.store.engine.UpdateLoop;
import dev.milepost.server.store.engine.UpdateQueue;
import dev.milepost.server.store.engine.WriterChores;
import dev.milepost.server.store.sql.SqlGroup;
import dev.milepost.server.store.sql.Statements;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The single writer of the database. It decides on all waiting updates, commits them in one
 * transaction, and passes the group to the flusher, which makes it durable and completes it. While
 * the disk is busy with one group, the next one grows: so each flush, which costs the disk's own
 * time, is shared by all updates that arrived during the previous flush.
 */
final class SqliteWriter implements UpdateLoop.Writer {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteWriter.class);

  /** Pages in the log at which a checkpoint starts even though updates are waiting. */
  private static final int CHECKPOINT_PAGES = 8_192;

  /** Decisions between two checks whether the group should be committed. */
  private static final int SLICE = 32;

  /** How long a group that waits for the disk lets updates accumulate before it takes them in. */
  private static final long GATHER_NANOS = 100_000;

  private static final int MAX_EXPIRED_REQUESTS = 1_000;

  /** Pages that are given back to the disk in one transaction. */
  private static final int FREED_PAGES = 128;

  /** Such transactions while the writer is idle: 10 MiB, then it looks for updates again. */
  private static final int MAX_IDLE_STEPS = 20;

  /** Interval of such transactions while there are updates. */
  private static final long FREE_INTERVAL_NANOS = 1_000_000_000;

  private final SqliteTables tables;
  private final SqliteCheckpointer checkpointer;
  private final StoreClock clock;
  private final SqliteOptions options;
  private final SqliteFlusher flusher;
  private final DurableWatermark watermark;
  private final CommitLog log;
  private final SqliteSpace space;
  private final UpdateQueue queue;
  private final WriterChores<Statements> chores;

  private int pagesInLog;
  private long freedNanos = System.nanoTime();

  SqliteWriter(
      SqliteTables tables,
      SqliteCheckpointer checkpointer,
      StoreClock clock,
      SqliteOptions options,
      SqliteFlusher flusher,
      DurableWatermark watermark,
      CommitLog log,
      SqliteSpace space,
      UpdateQueue queue,
      WriterChores<Statements> chores) {
    this.tables = tables;
    this.checkpointer = checkpointer;
    this.clock = clock;
    this.options = options;
    this.flusher = flusher;
    this.watermark = watermark;
    this.log = log;
    this.space = space;
    this.queue = queue;
    this.chores = chores;
  }

  @Override
  public void write(PendingUpdate<?> first) {
    commitGroup(first);
    if (!flusher.isBroken()) {
      // What they write is moved out of the log too, if only when no update arrives.
      pagesInLog += chores.run(tables.sql());
    }
    if (pagesInLog >= CHECKPOINT_PAGES && !flusher.isBroken() && checkpointer.isReadyForRest()) {
      checkpoint();
    }
    if (queue.isEmpty() && System.nanoTime() - freedNanos >= FREE_INTERVAL_NANOS) {
      freePages(1);
    }
  }

  @Override
  public void end(List<PendingUpdate<?>> late) {
    flusher.failed(late);
    chores.end();
  }

  private void commitGroup(PendingUpdate<?> first) {
    if (flusher.isBroken()) {
      log.failed(List.of(first), flusher.refusal());
      flusher.failed(List.of(first));
      return;
    }
    List<PendingUpdate<?>> updates = new ArrayList<>();
    SqlGroup group = new SqlGroup(tables, clock);
    try {
      collect(group, updates, first);
    } catch (SQLException e) {
      abandon(0, updates, SqliteFailures.notApplied(e));
      return;
    } catch (RuntimeException | Error e) {
      abandon(0, updates, StoreFailures.unexpected(Outcome.NOT_APPLIED, e));
      return;
    }
    if (!group.isBegun()) {
      flusher.unchanged(updates);
      return;
    }
    if (flusher.isBroken()) {
      // The disk failed meanwhile. Nothing of this group is in the log, so its outcome is known.
      abandon(0, updates, flusher.refusal());
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
      abandon(commit, updates, SqliteFailures.ofCommit(e));
      return;
    } catch (RuntimeException | Error e) {
      abandon(commit, updates, StoreFailures.unexpected(Outcome.UNKNOWN, e));
      return;
    }
    if (commit == 0) {
      flusher.unchanged(updates);
      return;
    }
    log.succeeded();
    boolean alone = updates.size() <= options.maxInlineFlush() && queue.isEmpty();
    flusher.committed(commit, changes, updates, alone);
  }

  /** Decides on waiting updates and writes the result: until the disk is idle, or a limit. */
  private void collect(SqlGroup group, List<PendingUpdate<?>> updates, PendingUpdate<?> first)
      throws SQLException {
    long begun = System.nanoTime();
    decide(group, updates, first);
    while (updates.size() < options.groupLimit() && !group.isLarge()) {
      if (flusher.isFlushing()) {
        grow(group, updates);
      } else if (System.nanoTime() - begun >= options.maxGrowth().toNanos()
          || !takeNext(group, updates)) {
        break;
      }
    }
    group.write();
  }

  /** Decides on an update and on some of those that wait behind it. */
  private void decide(SqlGroup group, List<PendingUpdate<?>> updates, PendingUpdate<?> first)
      throws SQLException {
    int from = updates.size();
    updates.add(first);
    queue.takeAll(updates, Math.min(SLICE, options.groupLimit() - updates.size()));
    for (PendingUpdate<?> update : updates.subList(from, updates.size())) {
      group.decide(update);
    }
  }

  /** Continues with the waiting updates; returns false if there are none. */
  private boolean takeNext(SqlGroup group, List<PendingUpdate<?>> updates) throws SQLException {
    PendingUpdate<?> next = queue.take();
    if (next == null) {
      return false;
    }
    group.writeNew();
    decide(group, updates, next);
    return true;
  }

  /** Waits for more updates or for the disk, and writes what can be written meanwhile. */
  private void grow(SqlGroup group, List<PendingUpdate<?>> updates) throws SQLException {
    if (!takeNext(group, updates)) {
      group.writeNew();
      // Not woken by each arrival: that would cost more than the update itself.
      LockSupport.parkNanos(this, GATHER_NANOS);
    }
  }

  private void abandon(long commit, List<PendingUpdate<?>> updates, StoreException failure) {
    log.failed(updates, failure);
    try {
      tables.rollback();
    } catch (SQLException e) {
      // Usually SQLite has already rolled back.
      LOG.debug("There was nothing to roll back.", e);
    }
    if (failure.outcome() == Outcome.UNKNOWN || commit > 0) {
      flusher.unknown(commit, updates);
    } else {
      flusher.failed(updates);
    }
  }

  @Override
  public void idle() {
    if (flusher.isBroken()) {
      return;
    }
    space.idle();
    try {
      tables.deleteExpiredRequests(clock.instant(), MAX_EXPIRED_REQUESTS);
    } catch (SQLException e) {
      space.failed("delete expired requests", e);
      tables.recover();
    }
    freePages(MAX_IDLE_STEPS);
    if (pagesInLog > 0) {
      checkpoint();
    }
  }

  /** Gives free pages back to the disk, in steps that no update notices, until one arrives. */
  private void freePages(int maxSteps) {
    freedNanos = System.nanoTime();
    if (flusher.isBroken()) {
      return;
    }
    try {
      int excess = tables.excessPages();
      for (int step = 0; step < maxSteps && excess > 0 && queue.isEmpty(); step++) {
        tables.freePages(Math.min(excess, FREED_PAGES));
        excess -= FREED_PAGES;
        pagesInLog += FREED_PAGES;
      }
    } catch (SQLException e) {
      space.failed("give free space back to the disk", e);
      tables.recover();
    }
  }

  /**
   * Moves the log into the database, between two groups. Not after a failed flush: what is moved
   * then might not be what is on disk.
   */
  private void checkpoint() {
    if (flusher.isBroken()) {
      return;
    }
    try {
      LogState log = tables.checkpoint();
      // If a reader blocked the checkpoint, it is tried again later.
      pagesInLog = log.isMoved() ? 0 : CHECKPOINT_PAGES / 2;
      checkpointer.report(log);
    } catch (SQLException e) {
      space.failed("move the write-ahead log into the database", e);
      tables.recover();
      pagesInLog = CHECKPOINT_PAGES / 2;
    }
  }
}
