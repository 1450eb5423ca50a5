package dev.milepost.server.store.postgres;

import dev.milepost.server.store.Erased;
import dev.milepost.server.store.engine.RequestDigest;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Erases what is left of a user without jobs. Used by a writer, in a transaction of its own. */
final class PostgresErasure {
  private static final String DELETE_REQUESTS =
      "DELETE FROM request WHERE digest > ? AND digest <= ?";

  /** Other servers wait for these rows, and so change none that is about to be deleted. */
  private static final String LOCK_COUNTS =
      "SELECT jobs FROM count WHERE tenant_id = ? AND user_id = ? FOR UPDATE";

  private static final String DELETE_COUNTS =
      "DELETE FROM count WHERE tenant_id = ? AND user_id = ?";

  private PostgresErasure() {}

  /** Deletes what is left; the caller commits. */
  static Erased erase(PostgresTables tables, String tenantId, String userId) throws SQLException {
    long requests =
        tables
            .sql()
            .of(
                DELETE_REQUESTS,
                RequestDigest.ofUser(tenantId, userId),
                RequestDigest.lastOfUser(tenantId, userId))
            .executeUpdate();
    long jobs = 0;
    try (ResultSet row = tables.sql().of(LOCK_COUNTS, tenantId, userId).executeQuery()) {
      while (row.next()) {
        jobs += row.getLong(1);
      }
    }
    // Rows of several slots: only their sum says whether there are jobs.
    if (jobs == 0) {
      tables.sql().of(DELETE_COUNTS, tenantId, userId).executeUpdate();
    }
    return new Erased(requests, jobs == 0);
  }
}
