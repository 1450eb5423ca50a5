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
 * Moves the log into the database beside the writer, on a thread and a connection of its own, so
 * that nobody waits while thousands of pages are written. What the writer adds meanwhile stays in
 * the log, and as long as anything does, the log grows on: so the writer moves that rest itself,
 * which is little, and then begins the log anew. Used by the writer.
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

  /** Takes the connection over: closes it in the end. */
  SqliteCheckpointer(Statements sql) {
    this.sql = sql;
  }

  /**
   * Goes on with it, and does not wait.
   *
   * @return whether most of the log has been moved since this was first called, and the rest is the
   *     writer's: once for each time
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
      LOG.warn("The log could not be moved into the database.", e);
      sql.renew();
    } finally {
      // The writer tries, too, and goes by what comes of that.
      phase = Phase.MOVED;
    }
  }

  /**
   * Moves what stands in the log into the database, as far as readers allow.
   *
   * @return whether all of it was moved
   */
  static boolean moveLog(Statements sql) throws SQLException {
    PreparedStatement checkpoint = sql.of("PRAGMA wal_checkpoint(PASSIVE)");
    try (ResultSet row = checkpoint.executeQuery()) {
      return row.next() && row.getInt(1) == 0 && row.getInt(2) == row.getInt(3);
    }
  }

  /** Waits for what is under way, then closes the connection. */
  @Override
  public void close() throws SQLException {
    thread.shutdown();
    while (!Uninterruptibles.get(() -> thread.awaitTermination(1, TimeUnit.MINUTES))) {
      // the log is bounded: it will end
    }
    sql.close();
  }
}
