package dev.milepost.server.store.sqlite;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.store.sql.Statements;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the write-ahead log into the database beside the writer, on its own thread and connection,
 * so that no update waits while thousands of pages are written. What the writer adds meanwhile
 * stays in the log and keeps it growing; so the writer moves that small rest itself, which restarts
 * the log. Used by the writer.
 */
final class SqliteCheckpointer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteCheckpointer.class);

  private enum Phase {
    IDLE,
    MOVING,
    MOVED
  }

  private final Statements sql;
  private final LogPin pin;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(ThreadFactories.nonDaemon("milepost-store-checkpointer"));

  private volatile Phase phase = Phase.IDLE;

  /** Takes ownership of the connection. */
  SqliteCheckpointer(Statements sql, LogPin pin) {
    this.sql = sql;
    this.pin = pin;
  }

  /**
   * Starts a checkpoint if none is in progress. Does not block.
   *
   * @return true once for each checkpoint, when it is done and the rest is the writer's to move
   */
  boolean isReadyForRest() {
    if (phase == Phase.IDLE) {
      phase = Phase.MOVING;
      thread.execute(this::move);
    }
    if (phase == Phase.MOVED) {
      phase = Phase.IDLE;
      return true;
    }
    return false;
  }

  private void move() {
    try {
      var unused = moveLog(sql);
    } catch (SQLException e) {
      if (!SqliteFailures.isFull(e)) {
        LOG.warn("Could not move the write-ahead log into the database.", e);
      }
      sql.renew();
    } finally {
      // The writer tries as well, and acts on its own result.
      phase = Phase.MOVED;
    }
  }

  /**
   * Moves the log into the database, as far as active readers allow.
   *
   * @return what is left
   */
  static LogState moveLog(Statements sql) throws SQLException {
    PreparedStatement checkpoint = sql.of("PRAGMA wal_checkpoint(PASSIVE)");
    try (ResultSet row = checkpoint.executeQuery()) {
      row.next();
      boolean isBusy = row.getInt(1) != 0;
      return new LogState(row.getInt(2), isBusy ? -1 : row.getInt(3));
    }
  }

  /**
   * Reports a log that a reader keeps from being moved, or that this has ended. Does not block.
   *
   * @param log the log after the writer's own checkpoint
   */
  void report(LogState log) {
    if (pin.concerns(log)) {
      thread.execute(() -> pin.report(log));
    }
  }

  /** Waits for a checkpoint in progress, then closes the connection. */
  @Override
  public void close() throws SQLException {
    thread.shutdown();
    while (!Uninterruptibles.get(() -> thread.awaitTermination(1, TimeUnit.MINUTES))) {
      // The log is bounded, so this ends.
    }
    sql.close();
  }
}
