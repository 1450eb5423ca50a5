package dev.milepost.server.store.postgres;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.engine.CheckedCell;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;
import org.jspecify.annotations.Nullable;

/**
 * Adds checksums to what earlier versions stored, in one transaction. It first renames a column
 * that every access to a job needs: a server of an earlier version that still runs fails from then
 * on, instead of writing values without checksums.
 */
final class ChecksumMigration implements JavaMigration {
  /** Rows that are read at a time. */
  private static final int FETCH = 200;

  @Override
  public MigrationVersion getVersion() {
    return MigrationVersion.fromVersion("3");
  }

  @Override
  public String getDescription() {
    return "checksums";
  }

  @Override
  public @Nullable Integer getChecksum() {
    return null;
  }

  @Override
  public boolean canExecuteInTransaction() {
    return true;
  }

  /** The value of a row with its checksum. */
  private interface Check {
    byte[] of(ResultSet row) throws SQLException;
  }

  @Override
  public void migrate(Context context) throws SQLException {
    Connection sql = context.getConnection();
    run(sql, "ALTER TABLE job RENAME COLUMN status TO record");
    // What they say is of no use to a server that starts.
    run(sql, "DELETE FROM change");
    run(sql, "DELETE FROM spec WHERE job_no NOT IN (SELECT job_no FROM job WHERE spec IS NULL)");
    add(
        sql,
        "SELECT job_no, tenant_id, id, record FROM job",
        "UPDATE job SET record = ? WHERE job_no = ?",
        row -> CheckedCell.record(key(row)).encode(row.getBytes(4)));
    add(
        sql,
        "SELECT job_no, tenant_id, id, tail FROM job",
        "UPDATE job SET tail = ? WHERE job_no = ?",
        row -> CheckedCell.tail(key(row)).encode(row.getBytes(4)));
    add(
        sql,
        "SELECT job_no, tenant_id, id, spec FROM job WHERE spec IS NOT NULL",
        "UPDATE job SET spec = ? WHERE job_no = ?",
        row -> CheckedCell.spec(key(row)).encode(row.getBytes(4)));
    add(
        sql,
        "SELECT job_no, tenant_id, id, spec.spec FROM spec JOIN job USING (job_no)",
        "UPDATE spec SET spec = ? WHERE job_no = ?",
        row -> CheckedCell.spec(key(row)).encode(row.getBytes(4)));
    add(
        sql,
        "SELECT run_no, job_no, last_seq, run FROM journal",
        "UPDATE journal SET run = ? WHERE run_no = ?",
        row -> CheckedCell.run(row.getLong(2), row.getLong(3)).encode(row.getBytes(4)));
    add(
        sql,
        "SELECT ctid, job_no, id, item FROM item",
        "UPDATE item SET item = ? WHERE ctid = ?",
        row -> CheckedCell.item(row.getLong(2), row.getString(3)).encode(row.getBytes(4)));
    add(
        sql,
        "SELECT digest, expire_micros, request FROM request",
        "UPDATE request SET request = ? WHERE digest = ?",
        row -> CheckedCell.request(row.getBytes(1), row.getLong(2)).encode(row.getBytes(3)));
  }

  /**
   * Adds a checksum to each row. The query sees the rows as they were when it began.
   *
   * @param select the row's key, then what {@code check} needs
   * @param update takes the value and the key
   */
  private static void add(Connection sql, String select, String update, Check check)
      throws SQLException {
    try (PreparedStatement rows = sql.prepareStatement(select);
        PreparedStatement change = sql.prepareStatement(update)) {
      rows.setFetchSize(FETCH);
      int waiting = 0;
      try (ResultSet row = rows.executeQuery()) {
        while (row.next()) {
          change.setBytes(1, check.of(row));
          change.setObject(2, row.getObject(1));
          change.addBatch();
          waiting++;
          if (waiting == FETCH) {
            change.executeBatch();
            waiting = 0;
          }
        }
      }
      change.executeBatch();
    }
  }

  private static JobKey key(ResultSet row) throws SQLException {
    return new JobKey(row.getString(2), row.getString(3));
  }

  private static void run(Connection sql, String statement) throws SQLException {
    try (Statement change = sql.createStatement()) {
      change.execute(statement);
    }
  }
}
