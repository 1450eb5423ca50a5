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
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(ThreadFactories.nonDaemon("milepost-store-checkpointer"));

  private volatile Phase phase = Phase.IDLE;

  /** Takes ownership of the connection. */
  SqliteCheckpointer(Statements sql) {
    this.sql = sql;
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
      moveLog(sql);
    } catch (SQLException e) {
      LOG.warn("Could not move the write-ahead log into the database.", e);
      sql.renew();
    } finally {
      // The writer tries as well, and acts on its own result.
      phase = Phase.MOVED;
    }
  }

  /**
   * Moves the log into the database, as far as active readers allow.
   *
   * @return whether all of it was moved
   */
  static boolean moveLog(Statements sql) throws SQLException {
    PreparedStatement checkpoint = sql.of("PRAGMA wal_checkpoint(PASSIVE)");
    try (ResultSet row = checkpoint.executeQuery()) {
      return row.next() && row.getInt(1) == 0 && row.getInt(2) == row.getInt(3);
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
