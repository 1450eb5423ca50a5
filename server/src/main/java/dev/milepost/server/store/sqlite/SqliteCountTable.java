package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.CountCell;
import dev.milepost.server.store.sql.Statements;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** Counts of jobs, as the writer uses them: collected during a transaction, written at its end. */
final class SqliteCountTable {
  private static final String COUNT =
      """
      INSERT INTO count (jobs, tenant_id, type, scope, state, user_id, project_id)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET jobs = jobs + excluded.jobs
      """;
  private static final String TOTAL =
      """
      INSERT INTO total (jobs, tenant_id, type, scope, state) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET jobs = jobs + excluded.jobs
      """;
  private static final String DROP_EMPTY =
      """
      DELETE FROM count WHERE jobs = 0 AND tenant_id = ? AND type = ? AND scope = ? AND state = ?
        AND user_id = ? AND project_id = ?
      """;

  private final Statements sql;
  private final Map<CountCell, Long> collected = new HashMap<>();

  SqliteCountTable(Statements sql) {
    this.sql = sql;
  }

  /** Adds a number of jobs, possibly negative, to a cell. */
  void add(CountCell cell, long jobs) {
    collected.merge(cell, jobs, Long::sum);
  }

  /** Discards what was collected. */
  void clear() {
    collected.clear();
  }

  void write() throws SQLException {
    Map<CountCell, Long> totals = new HashMap<>();
    for (Map.Entry<CountCell, Long> cell : collected.entrySet()) {
      if (cell.getValue() != 0) {
        write(COUNT, cell.getKey(), cell.getValue());
        if (cell.getValue() < 0) {
          dropEmpty(cell.getKey());
        }
        totals.merge(total(cell.getKey()), cell.getValue(), Long::sum);
      }
    }
    for (Map.Entry<CountCell, Long> total : totals.entrySet()) {
      if (total.getValue() != 0) {
        write(TOTAL, total.getKey(), total.getValue());
      }
    }
    clear();
  }

  private void write(String upsert, CountCell cell, long jobs) throws SQLException {
    PreparedStatement write = sql.of(upsert);
    write.setLong(1, jobs);
    set(write, 2, cell);
    if (upsert.equals(COUNT)) {
      setOwner(write, 6, cell);
    }
    write.executeUpdate();
  }

  private void dropEmpty(CountCell cell) throws SQLException {
    PreparedStatement drop = sql.of(DROP_EMPTY);
    set(drop, 1, cell);
    setOwner(drop, 5, cell);
    drop.executeUpdate();
  }

  private static void set(PreparedStatement statement, int column, CountCell cell)
      throws SQLException {
    statement.setString(column, cell.tenantId());
    statement.setString(column + 1, cell.type());
    statement.setInt(column + 2, cell.scope().getNumber());
    statement.setInt(column + 3, cell.state().getNumber());
  }

  private static void setOwner(PreparedStatement statement, int column, CountCell cell)
      throws SQLException {
    statement.setString(column, cell.userId());
    statement.setString(column + 1, cell.projectId());
  }

  private static CountCell total(CountCell cell) {
    return new CountCell(cell.tenantId(), "", "", cell.type(), cell.scope(), cell.state());
  }
}
