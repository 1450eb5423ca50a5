package dev.milepost.server.store.sql;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.CellCount;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.server.store.engine.CheckedCell;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds what the columns say of jobs whose records cannot be read. */
final class UnreadableRows {
  private static final String BY_KEY =
      "SELECT job_no, user_id, type, scope, state, parent_id, "
          + Rows.SPEC
          + " FROM job WHERE tenant_id = ? AND id = ?";

  /** No column has the project: if the spec is damaged too, the most likely one is assumed. */
  private static final String LIKELY_PROJECT =
      """
      SELECT project_id FROM count
      WHERE tenant_id = ? AND user_id = ? AND type = ? AND scope = ? AND state = ?
      GROUP BY project_id ORDER BY SUM(jobs) DESC, project_id LIMIT 1
      """;

  private static final String COUNT =
      """
      SELECT SUM(jobs), SUM(bytes) FROM count
      WHERE tenant_id = ? AND user_id = ? AND type = ? AND scope = ? AND state = ?
        AND project_id = ?
      """;

  private static final String KEY = "SELECT tenant_id, id FROM job WHERE job_no = ?";

  /** SQLite's code for a damaged database. */
  private static final int CORRUPT = 11;

  private final Statements sql;

  /** Rows on this connection. */
  UnreadableRows(Statements sql) {
    this.sql = sql;
  }

  /** Returns what is known of a job; null if its row is gone. */
  @Nullable UnreadableJob find(JobKey key) throws SQLException {
    StoredJob stored = known(key);
    return stored == null ? null : stored.unreadable();
  }

  /**
   * Returns the same in place of the job's record, for changes.
   *
   * @throws SQLException if a damaged index has led to another job, which would be changed instead
   */
  @Nullable StoredJob stored(JobKey key) throws SQLException {
    StoredJob known = known(key);
    if (known != null) {
      requireRowOf(key, known.number());
    }
    return known;
  }

  private @Nullable StoredJob known(JobKey key) throws SQLException {
    Job.Builder known = Job.newBuilder().setTenantId(key.tenantId()).setId(key.jobId());
    JobSpec spec;
    long number;
    try (ResultSet row = sql.of(BY_KEY, key.tenantId(), key.jobId()).executeQuery()) {
      if (!row.next()) {
        return null;
      }
      number = row.getLong(1);
      known
          .setUserId(row.getString(2))
          .setParentId(Objects.requireNonNullElse(row.getString(6), ""))
          .setStatus(JobStatus.newBuilder().setStateValue(row.getInt(5)))
          .getSpecBuilder()
          .setType(row.getString(3))
          .setScopeValue(row.getInt(4));
      spec = CheckedCell.spec(key).parse(row.getBytes(7), JobSpec.parser());
    }
    known
        .getSpecBuilder()
        .setProjectId(spec == null ? likelyProject(known.build()) : spec.getProjectId());
    return StoredJob.unreadable(
        number,
        JobRecord.newBuilder()
            .setJob(known)
            .setChargedBytes(count(known.build()).averageBytes())
            .build());
  }

  private void requireRowOf(JobKey key, long number) throws SQLException {
    try (ResultSet row = sql.of(KEY, number).executeQuery()) {
      if (!row.next() || !key.equals(new JobKey(row.getString(1), row.getString(2)))) {
        throw new SQLException("The index of jobs by id is damaged.", "XX002", CORRUPT);
      }
    }
  }

  private CellCount count(Job known) throws SQLException {
    try (ResultSet row =
        sql.of(
                COUNT,
                known.getTenantId(),
                known.getUserId(),
                known.getSpec().getType(),
                known.getSpec().getScopeValue(),
                known.getStatus().getStateValue(),
                known.getSpec().getProjectId())
            .executeQuery()) {
      return row.next() ? new CellCount(row.getLong(1), row.getLong(2)) : new CellCount(0, 0);
    }
  }

  private String likelyProject(Job known) throws SQLException {
    try (ResultSet row =
        sql.of(
                LIKELY_PROJECT,
                known.getTenantId(),
                known.getUserId(),
                known.getSpec().getType(),
                known.getSpec().getScopeValue(),
                known.getStatus().getStateValue())
            .executeQuery()) {
      return row.next() ? row.getString(1) : "";
    }
  }
}
