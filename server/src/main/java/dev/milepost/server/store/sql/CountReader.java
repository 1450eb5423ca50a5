package dev.milepost.server.store.sql;

import dev.milepost.server.store.CountQuery;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** Reads counts of jobs. */
final class CountReader {
  private static final String QUEUED_TENANTS =
      "SELECT tenant_id FROM total WHERE state = ? GROUP BY tenant_id HAVING SUM(jobs) > 0 LIMIT ?";

  private final Statements sql;

  /** A reader on this connection. */
  CountReader(Statements sql) {
    this.sql = sql;
  }

  /** Counts jobs by group. */
  List<JobCount> count(CountQuery query) throws SQLException {
    List<Object> values = new ArrayList<>();
    String where = where(query.filter(), values);
    List<String> columns = query.groups().stream().map(CountReader::column).toList();
    String table = needsOwners(query) ? "count" : "total";
    StringBuilder text = new StringBuilder("SELECT SUM(jobs), SUM(bytes)");
    columns.forEach(column -> text.append(", ").append(column));
    text.append(" FROM ").append(table).append(where);
    if (!columns.isEmpty()) {
      text.append(" GROUP BY ").append(String.join(", ", columns)).append(" HAVING SUM(jobs) > 0");
    }
    List<JobCount> counts = new ArrayList<>();
    try (ResultSet row = sql.of(text.toString(), values.toArray()).executeQuery()) {
      while (row.next()) {
        counts.add(read(row, query.groups()));
      }
    }
    return counts;
  }

  /** Returns tenants with queued jobs. */
  List<String> queuedTenants(int limit) throws SQLException {
    List<String> tenants = new ArrayList<>();
    try (ResultSet row =
        sql.of(QUEUED_TENANTS, JobState.JOB_STATE_QUEUED.getNumber(), limit).executeQuery()) {
      while (row.next()) {
        tenants.add(row.getString(1));
      }
    }
    return tenants;
  }

  private static JobCount read(ResultSet row, Set<JobGroup> groups) throws SQLException {
    JobCount.Builder count =
        JobCount.newBuilder().setCount(row.getLong(1)).setStoredBytes(Math.max(0, row.getLong(2)));
    if (groups.contains(JobGroup.JOB_GROUP_STATE)) {
      count.setStateValue(row.getInt("state"));
    }
    if (groups.contains(JobGroup.JOB_GROUP_TYPE)) {
      count.setType(row.getString("type"));
    }
    if (groups.contains(JobGroup.JOB_GROUP_USER)) {
      count.setUserId(row.getString("user_id"));
    }
    if (groups.contains(JobGroup.JOB_GROUP_PROJECT)) {
      count.setProjectId(row.getString("project_id"));
    }
    if (groups.contains(JobGroup.JOB_GROUP_SCOPE)) {
      count.setScopeValue(row.getInt("scope"));
    }
    return count.build();
  }

  /**
   * Whether the query needs users or projects, which the smaller table {@code total} does not have.
   */
  private static boolean needsOwners(CountQuery query) {
    return !query.filter().getUserId().isEmpty()
        || !query.filter().getProjectId().isEmpty()
        || query.groups().contains(JobGroup.JOB_GROUP_USER)
        || query.groups().contains(JobGroup.JOB_GROUP_PROJECT);
  }

  private static String where(JobFilter filter, List<Object> values) {
    List<String> terms = new ArrayList<>();
    equal(terms, values, "tenant_id", filter.getTenantId());
    equal(terms, values, "user_id", filter.getUserId());
    equal(terms, values, "project_id", filter.getProjectId());
    among(terms, values, "state", filter.getStatesValueList());
    among(terms, values, "type", filter.getTypesList());
    if (filter.getScope() != JobScope.JOB_SCOPE_UNSPECIFIED) {
      among(terms, values, "scope", List.of(filter.getScopeValue()));
    }
    return terms.isEmpty() ? "" : " WHERE " + String.join(" AND ", terms);
  }

  private static void equal(List<String> terms, List<Object> values, String column, String value) {
    if (!value.isEmpty()) {
      among(terms, values, column, List.of(value));
    }
  }

  private static void among(
      List<String> terms, List<Object> values, String column, Collection<?> any) {
    if (!any.isEmpty()) {
      terms.add(column + " IN (" + String.join(", ", Collections.nCopies(any.size(), "?")) + ")");
      values.addAll(any);
    }
  }

  private static String column(JobGroup group) {
    return switch (group) {
      case JOB_GROUP_STATE -> "state";
      case JOB_GROUP_TYPE -> "type";
      case JOB_GROUP_USER -> "user_id";
      case JOB_GROUP_PROJECT -> "project_id";
      case JOB_GROUP_SCOPE -> "scope";
      case JOB_GROUP_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("Unknown group " + group + ".");
    };
  }
}
