package dev.milepost.server.store.postgres;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.SearchText;
import dev.milepost.server.store.sql.Rows;
import dev.milepost.storage.v1.JobRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;
import org.jspecify.annotations.Nullable;

/**
 * Writes the texts by which the jobs of earlier versions are found, in one transaction. Those of
 * jobs that cannot be read are not known.
 */
final class TextMigration implements JavaMigration {
  /** Rows that are read, and texts that are written, at a time. */
  private static final int FETCH = 200;

  private static final String JOBS =
      "SELECT job_no, tenant_id, id, record, " + Rows.SPEC + " FROM job ORDER BY job_no";
  private static final String INSERT =
      "INSERT INTO search_text (job_no, tenant_id, text) VALUES (?, ?, ?)";

  @Override
  public MigrationVersion getVersion() {
    return MigrationVersion.fromVersion("8");
  }

  @Override
  public String getDescription() {
    return "search texts of jobs";
  }

  @Override
  public @Nullable Integer getChecksum() {
    return null;
  }

  @Override
  public boolean canExecuteInTransaction() {
    return true;
  }

  @Override
  public void migrate(Context context) throws SQLException {
    Connection sql = context.getConnection();
    try (PreparedStatement jobs = sql.prepareStatement(JOBS);
        PreparedStatement insert = sql.prepareStatement(INSERT)) {
      jobs.setFetchSize(FETCH);
      int waiting = 0;
      try (ResultSet row = jobs.executeQuery()) {
        while (row.next()) {
          JobKey key = new JobKey(row.getString(2), row.getString(3));
          JobRecord job = Rows.job(row, 4, key);
          insert.setLong(1, row.getLong(1));
          insert.setString(2, key.tenantId());
          insert.setString(3, job == null ? null : SearchText.of(job.getJob()));
          insert.addBatch();
          if (++waiting == FETCH) {
            insert.executeBatch();
            waiting = 0;
          }
        }
      }
      insert.executeBatch();
    }
  }
}
