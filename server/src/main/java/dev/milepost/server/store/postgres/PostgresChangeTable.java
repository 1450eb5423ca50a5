package dev.milepost.server.store.postgres;

import dev.milepost.server.store.Change;
import dev.milepost.server.store.engine.CheckedCell;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.storage.v1.JobRecord;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** The changes that servers announce to each other, as a writer uses them. */
final class PostgresChangeTable {
  private static final String INSERT =
      "INSERT INTO change (server_id, tenant_id, id, before) VALUES (?, ?, ?, ?)";

  /**
   * Oldest first, so that it stops at the first change that is kept. The newest one stays: it tells
   * that a position still belongs to this history.
   */
  private static final String DELETE_OLD =
      """
      DELETE FROM change WHERE change_no IN (
        SELECT change_no FROM (
          SELECT change_no, made_time FROM change ORDER BY change_no LIMIT ?) AS oldest
        WHERE made_time < clock_timestamp() - make_interval(secs => ?))
      AND change_no < (SELECT max(change_no) FROM change)
      """;

  /** What the newest change says of a job is not kept for longer than the others. */
  private static final String BLANK_OLD =
      """
      UPDATE change SET before = NULL
      WHERE change_no = (SELECT max(change_no) FROM change) AND before IS NOT NULL
        AND made_time < clock_timestamp() - make_interval(secs => ?)
      """;

  private final UUID serverId;

  /** The changes by one server. */
  PostgresChangeTable(UUID serverId) {
    this.serverId = serverId;
  }

  void put(Statements sql, List<Change> changes) throws SQLException {
    for (Change change : changes) {
      PreparedStatement insert = sql.of(INSERT);
      insert.setObject(1, serverId);
      insert.setString(2, change.key().tenantId());
      insert.setString(3, change.key().jobId());
      JobRecord before = change.before();
      insert.setBytes(4, before == null ? null : CheckedCell.before(change.key()).encode(before));
      sql.write(insert);
    }
    sql.flush();
  }

  /**
   * Deletes old changes.
   *
   * @param limit maximum number of changes to delete
   * @return how many were deleted
   */
  int deleteOld(Statements sql, Duration kept, int limit) throws SQLException {
    double seconds = kept.toMillis() / 1_000.0;
    var unused = sql.of(BLANK_OLD, seconds).executeUpdate();
    return sql.of(DELETE_OLD, limit, seconds).executeUpdate();
  }
}
