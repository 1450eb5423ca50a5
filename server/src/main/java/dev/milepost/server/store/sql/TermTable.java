package dev.milepost.server.store.sql;

import dev.milepost.server.job.IndexTerms;
import dev.milepost.v1.Job;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The index of jobs by the terms of {@link IndexTerms}, as the writer uses it. */
final class TermTable {
  private static final String INSERT =
      "INSERT INTO term (tenant_id, term, job_no) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
  private static final String DELETE =
      "DELETE FROM term WHERE tenant_id = ? AND term = ? AND job_no = ?";

  private static final String DELETE_ALL = "DELETE FROM term WHERE tenant_id = ? AND job_no = ?";

  private final Statements sql;

  /** A table on this connection. */
  TermTable(Statements sql) {
    this.sql = sql;
  }

  /**
   * Writes what differs between two versions of a job.
   *
   * @param before null: the job is new
   * @param after null: the job is deleted
   */
  void change(long number, @Nullable Job before, @Nullable Job after) throws SQLException {
    if (before != null && after != null && IndexTerms.areSame(before, after)) {
      return;
    }
    Set<String> old = before == null ? Set.of() : IndexTerms.of(before);
    Set<String> current = after == null ? Set.of() : IndexTerms.of(after);
    if (before != null) {
      write(DELETE, before.getTenantId(), minus(old, current), number);
    }
    if (after != null) {
      write(INSERT, after.getTenantId(), minus(current, old), number);
    }
  }

  /**
   * Removes all terms of a job that cannot be read, so that they are not known. Goes through the
   * terms of its tenant, as no index leads from a job to them.
   */
  void removeAll(String tenantId, long number) throws SQLException {
    PreparedStatement change = sql.of(DELETE_ALL);
    change.setString(1, tenantId);
    change.setLong(2, number);
    sql.write(change);
  }

  private static Set<String> minus(Set<String> terms, Set<String> others) {
    if (terms.isEmpty() || others.isEmpty()) {
      return terms;
    }
    Set<String> rest = new HashSet<>(terms);
    rest.removeAll(others);
    return rest;
  }

  private void write(String statement, String tenantId, Set<String> terms, long number)
      throws SQLException {
    for (String term : terms) {
      PreparedStatement change = sql.of(statement);
      change.setString(1, tenantId);
      change.setString(2, term);
      change.setLong(3, number);
      sql.write(change);
    }
  }
}
