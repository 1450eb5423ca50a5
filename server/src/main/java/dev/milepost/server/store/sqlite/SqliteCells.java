package dev.milepost.server.store.sqlite;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.sql.CheckedCell;
import dev.milepost.server.store.sql.Statements;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Verifies the checksums of all stored messages of a database of this version. */
final class SqliteCells {
  private final Statements sql;
  private final Runnable progress;
  private long damaged;

  /** Returns the place of the value that a row has in its last column. */
  private interface Place {
    CheckedCell of(ResultSet row) throws SQLException;
  }

  private SqliteCells(Statements sql, Runnable progress) {
    this.sql = sql;
    this.progress = progress;
  }

  /**
   * Reads all values. Blocks.
   *
   * @param progress runs several times a second; what it throws ends the reading
   * @return how many values are damaged
   */
  static long countDamaged(Statements sql, Runnable progress) throws SQLException {
    SqliteCells cells = new SqliteCells(sql, progress);
    cells.read("SELECT tenant_id, id, record FROM job", row -> CheckedCell.record(key(row)));
    cells.read("SELECT tenant_id, id, tail FROM job", row -> CheckedCell.tail(key(row)));
    cells.read(
        "SELECT tenant_id, id, spec FROM job WHERE spec IS NOT NULL",
        row -> CheckedCell.spec(key(row)));
    cells.read(
        "SELECT tenant_id, id, spec.spec FROM spec JOIN job USING (job_no) WHERE job.spec IS NULL",
        row -> CheckedCell.spec(key(row)));
    cells.read(
        "SELECT job_no, last_seq, run FROM journal",
        row -> CheckedCell.run(row.getLong(1), row.getLong(2)));
    cells.read(
        "SELECT job_no, id, item FROM item",
        row -> CheckedCell.item(row.getLong(1), row.getString(2)));
    cells.read(
        "SELECT digest, expire_micros, request FROM request",
        row -> CheckedCell.request(row.getBytes(1), row.getLong(2)));
    return cells.damaged;
  }

  private void read(String query, Place place) throws SQLException {
    SqliteInterrupt.during(
        sql,
        progress,
        () -> {
          try (ResultSet row = sql.of(query).executeQuery()) {
            while (row.next()) {
              damaged += place.of(row).isSound(row.getBytes(3)) ? 0 : 1;
            }
          }
        });
  }

  private static JobKey key(ResultSet row) throws SQLException {
    return new JobKey(row.getString(1), row.getString(2));
  }
}
