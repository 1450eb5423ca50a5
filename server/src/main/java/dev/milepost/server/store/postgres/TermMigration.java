package dev.milepost.server.store.postgres;

import dev.milepost.server.job.IndexTerms;
import dev.milepost.server.job.JobKey;
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
 * Indexes the jobs of earlier versions by their terms, in one transaction. Jobs that cannot be read
 * have none.
 */
final class TermMigration implements JavaMigration {
  /** Rows that are read, and terms that are written, at a time. */
  private static final int FETCH = 200;

  private static final String JOBS =
      "SELECT job_no, tenant_id, id, record, " + Rows.SPEC + " FROM job";
  private static final String INSERT =
      "INSERT INTO term (tenant_id, term, job_no) VALUES (?, ?, ?)";

  @Override
  public MigrationVersion getVersion() {
    return MigrationVersion.fromVersion("6");
  }

  @Override
  public String getDescription() {
    return "terms of jobs";
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
          if (job == null) {
            continue;
          }
          for (String term : IndexTerms.of(job.getJob())) {
            insert.setString(1, key.tenantId());
            insert.setString(2, term);
            insert.setLong(3, row.getLong(1));
            insert.addBatch();
            waiting++;
          }
          if (waiting >= FETCH) {
            insert.executeBatch();
            waiting = 0;
          }
        }
      }
      insert.executeBatch();
    }
  }
}
