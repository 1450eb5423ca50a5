package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.sql.Statements;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Gives jobs their places in the order of creation. A number is never given twice, even if its job
 * is gone: pages of a list hold on to numbers. They are reserved by the thousand, to write that
 * down seldom.
 */
final class SqliteJobNumbers {
  private static final int BLOCK = 10_000;

  private final Statements sql;
  private long last;
  private long reserved;

  SqliteJobNumbers(Statements sql) throws SQLException {
    this.sql = sql;
    reload();
  }

  /** The next number. Must be called within a transaction. */
  long next() throws SQLException {
    if (last == reserved) {
      PreparedStatement reserve = sql.of("UPDATE job_no SET reserved = ?");
      reserve.setLong(1, reserved + BLOCK);
      reserve.executeUpdate();
      reserved += BLOCK;
    }
    return ++last;
  }

  /**
   * Forgets what a transaction reserved that was rolled back; leaves out what may have been given.
   */
  void reload() throws SQLException {
    try (ResultSet row = sql.of("SELECT reserved FROM job_no").executeQuery()) {
      row.next();
      reserved = row.getLong(1);
      last = reserved;
    }
  }
}
