package dev.milepost.server.store.sql;

import dev.milepost.server.store.CountCell;
import dev.milepost.storage.v1.JobRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts jobs again, and compares the result with the stored counts. */
final class CountCheck {
  private static final String COUNTS =
      "SELECT tenant_id, type, scope, state, user_id, project_id, SUM(jobs) FROM count"
          + " GROUP BY tenant_id, type, scope, state, user_id, project_id";
  private static final String TOTALS =
      "SELECT tenant_id, type, scope, state, SUM(jobs) FROM total"
          + " GROUP BY tenant_id, type, scope, state";

  private final Statements sql;
  private final Map<String, Long> counts = new TreeMap<>();
  private final Map<String, Long> totals = new TreeMap<>();
  private boolean hasUnreadable;

  /** A check on this connection. */
  CountCheck(Statements sql) {
    this.sql = sql;
  }

  /** Counts a job. */
  void add(JobRecord record) {
    CountCell cell = CountCell.of(record);
    String total =
        total(cell.tenantId(), cell.type(), cell.scope().getNumber(), cell.state().getNumber());
    totals.merge(total, 1L, Long::sum);
    counts.merge(count(total, cell.userId(), cell.projectId()), 1L, Long::sum);
  }

  /**
   * Counts a job that cannot be read, by its row. No column has its project, so that the counts by
   * user and project cannot be compared any more.
   */
  void addUnreadable(ResultSet job) throws SQLException {
    hasUnreadable = true;
    totals.merge(
        total(
            job.getString("tenant_id"),
            job.getString("type"),
            job.getInt("scope"),
            job.getInt("state")),
        1L,
        Long::sum);
  }

  /** Returns each difference as a sentence, after all jobs were counted. */
  List<String> differences() throws SQLException {
    Map<String, Long> stored = new TreeMap<>();
    try (ResultSet row = sql.of(TOTALS).executeQuery()) {
      while (row.next()) {
        stored.put(total(row), row.getLong(5));
      }
    }
    List<String> found = new ArrayList<>();
    compare(totals, stored, found);
    if (!hasUnreadable) {
      stored.clear();
      try (ResultSet row = sql.of(COUNTS).executeQuery()) {
        while (row.next()) {
          stored.put(count(total(row), row.getString(5), row.getString(6)), row.getLong(7));
        }
      }
      compare(counts, stored, found);
    }
    return found;
  }

  private static String total(ResultSet row) throws SQLException {
    return total(row.getString(1), row.getString(2), row.getInt(3), row.getInt(4));
  }

  private static String total(String tenant, String type, int scope, int state) {
    return "tenant %s, type %s, scope %d, state %d".formatted(tenant, type, scope, state);
  }

  private static String count(String total, String user, String project) {
    return total + ", user " + user + ", project " + project;
  }

  private static void compare(
      Map<String, Long> counted, Map<String, Long> stored, List<String> found) {
    Map<String, Long> all = new TreeMap<>(counted);
    stored.forEach((name, count) -> all.putIfAbsent(name, 0L));
    all.forEach(
        (name, count) -> {
          long kept = stored.getOrDefault(name, 0L);
          if (kept != count) {
            found.add("The count of %s is %d, and there are %d jobs.".formatted(name, kept, count));
          }
        });
  }
}
