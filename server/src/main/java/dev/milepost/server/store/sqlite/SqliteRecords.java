package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.RecordWrite;
import dev.milepost.server.store.sql.ServerRecordTable;
import dev.milepost.server.store.sql.Statements;
import java.sql.SQLException;
import java.time.Instant;

/**
 * Writes what servers keep beside the jobs, on the writer's connection, between two transactions.
 * Nothing waits for the disk: the next flush takes it along.
 */
final class SqliteRecords {
  private SqliteRecords() {}

  /** Writes records in a transaction of its own. */
  static boolean write(Statements sql, RecordWrite write, Instant now) throws SQLException {
    sql.run("BEGIN IMMEDIATE");
    try {
      new ServerRecordTable(sql).write(write, now);
      sql.run("COMMIT");
    } catch (SQLException e) {
      sql.renew();
      try {
        sql.run("ROLLBACK");
      } catch (SQLException more) {
        e.addSuppressed(more); // Usually SQLite has already rolled back.
      }
      throw e;
    }
    return true;
  }
}
