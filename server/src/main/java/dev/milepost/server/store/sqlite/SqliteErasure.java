package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.Erased;
import dev.milepost.server.store.engine.RequestDigest;
import dev.milepost.server.store.sql.Statements;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Erases what is left of a user without jobs, and truncates the log, which keeps what was deleted
 * from the database. Used on the writer's connection, between two transactions.
 *
 * <p>{@code secure_delete} has zeroed what this version has deleted. Pages that an earlier version
 * has set free keep their content. So this takes all free pages for a table of zeros, a few at a
 * time, and drops the table.
 */
final class SqliteErasure {
  private static final String ZEROS = "erasure_zeros";

  /** Pages that one transaction overwrites: 4 MiB. */
  private static final int SLICE_PAGES = 1_024;

  /** How long other updates may have to wait. */
  private static final long MAX_NANOS = 200_000_000;

  /** What a page of a large value does not hold of it. */
  private static final int PAGE_OVERHEAD = 4;

  private static final int BUSY_MILLIS = 500;

  private final Statements sql;

  SqliteErasure(Statements sql) {
    this.sql = sql;
  }

  /** Removes the table that an erasure may have left behind when its process was killed. */
  static void cleanUp(Statements sql) throws SQLException {
    sql.run("DROP TABLE IF EXISTS " + ZEROS);
  }

  /** Does as much as fits into a short time. */
  Erased erase(String tenantId, String userId) throws SQLException {
    long begun = System.nanoTime();
    long requests;
    sql.run("BEGIN IMMEDIATE");
    try {
      requests =
          sql.of(
                  "DELETE FROM request WHERE digest > ? AND digest <= ?",
                  RequestDigest.ofUser(tenantId, userId),
                  RequestDigest.lastOfUser(tenantId, userId))
              .executeUpdate();
      sql.of("DELETE FROM count WHERE tenant_id = ? AND user_id = ? AND jobs = 0", tenantId, userId)
          .executeUpdate();
      sql.run("CREATE TABLE IF NOT EXISTS " + ZEROS + " (zeros BLOB)");
      sql.run("COMMIT");
    } catch (SQLException e) {
      rollBack(e);
      throw e;
    }
    long free = freePages();
    while (free > 0 && System.nanoTime() - begun < MAX_NANOS) {
      overwrite((int) Math.min(free, SLICE_PAGES));
      free = freePages();
    }
    if (free > 0) {
      return new Erased(requests, false);
    }
    cleanUp(sql);
    return new Erased(requests, truncateLog());
  }

  private void rollBack(SQLException cause) {
    sql.renew();
    try {
      sql.run("ROLLBACK");
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  private long freePages() throws SQLException {
    return number("PRAGMA freelist_count");
  }

  private long number(String query) throws SQLException {
    // Not kept: a statement that is kept may hold the schema of an earlier version.
    try (PreparedStatement ask = sql.connection().prepareStatement(query);
        ResultSet row = ask.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  private void overwrite(int pages) throws SQLException {
    long bytes = (number("PRAGMA page_size") - PAGE_OVERHEAD) * pages;
    try (PreparedStatement insert =
        sql.connection().prepareStatement("INSERT INTO " + ZEROS + " VALUES (zeroblob(?))")) {
      insert.setLong(1, bytes);
      insert.executeUpdate();
    }
  }

  /** Returns whether the log is empty: a reader may have kept it from being moved. */
  private boolean truncateLog() throws SQLException {
    sql.renew();
    sql.run("PRAGMA busy_timeout = " + BUSY_MILLIS);
    try (PreparedStatement checkpoint =
            sql.connection().prepareStatement("PRAGMA wal_checkpoint(TRUNCATE)");
        ResultSet row = checkpoint.executeQuery()) {
      return row.next() && row.getInt(1) == 0;
    } finally {
      sql.run("PRAGMA busy_timeout = 5000");
    }
  }
}
