package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.sql.Statements;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Assigns jobs their positions in the order of creation. A number is never reused, even after its
 * job is gone, because positions in lists refer to numbers. Numbers are reserved in blocks, to
 * write the reservation rarely.
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

  /** Returns the next number. Must be called within a transaction. */
  long next() throws SQLException {
    if (last == reserved) {
      PreparedStatement reserve = sql.of("UPDATE job_no SET reserved = ?");
      reserve.setLong(1, reserved + BLOCK);
      reserve.executeUpdate();
      reserved += BLOCK;
    }
    return ++last;
  }

  /** Forgets a reservation that was rolled back, and skips numbers that may have been assigned. */
  void reload() throws SQLException {
    try (ResultSet row = sql.of("SELECT reserved FROM job_no").executeQuery()) {
      row.next();
      reserved = row.getLong(1);
      last = reserved;
    }
  }
}
