package dev.milepost.server.store.sql;

import dev.milepost.server.store.engine.CountTally;
import dev.milepost.storage.v1.JobRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** Counts jobs again, and compares the result with the stored counts. */
final class CountCheck {
  private static final String COUNTS =
      "SELECT tenant_id, type, scope, state, user_id, project_id, SUM(jobs) FROM count"
          + " GROUP BY tenant_id, type, scope, state, user_id, project_id";
  private static final String TOTALS =
      "SELECT tenant_id, type, scope, state, SUM(jobs) FROM total"
          + " GROUP BY tenant_id, type, scope, state";

  private final Statements sql;
  private final CountTally tally = new CountTally();

  /** A check on this connection. */
  CountCheck(Statements sql) {
    this.sql = sql;
  }

  /** Counts a job. */
  void add(JobRecord record) {
    tally.add(record);
  }

  /** Counts a job that cannot be read, by its row. No column has its project. */
  void addUnreadable(ResultSet job) throws SQLException {
    tally.addUnreadable(
        job.getString("tenant_id"),
        job.getString("type"),
        job.getInt("scope"),
        job.getInt("state"));
  }

  /** Returns each difference as a sentence, after all jobs were counted. */
  List<String> differences() throws SQLException {
    try (ResultSet row = sql.of(TOTALS).executeQuery()) {
      while (row.next()) {
        tally.storedTotal(
            row.getString(1), row.getString(2), row.getInt(3), row.getInt(4), row.getLong(5));
      }
    }
    try (ResultSet row = sql.of(COUNTS).executeQuery()) {
      while (row.next()) {
        tally.storedCount(
            row.getString(1),
            row.getString(2),
            row.getInt(3),
            row.getInt(4),
            row.getString(5),
            row.getString(6),
            row.getLong(7));
      }
    }
    return tally.differences();
  }
}
