package dev.milepost.server.store.postgres;

import dev.milepost.server.store.CountCell;
import dev.milepost.server.store.sql.Statements;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts of jobs, as one writer uses them: collected during a transaction, and written at its end
 * into the writer's own slot. All writers use one order, so that they rarely wait for each other
 * and never deadlock.
 */
final class PostgresCountSlots {
  /** Number of slots that counts are spread over. */
  static final int SLOTS = 8;

  private static final String COUNT =
      """
      INSERT INTO count (jobs, slot, tenant_id, type, scope, state, user_id, project_id)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (tenant_id, user_id, project_id, type, scope, state, slot)
        DO UPDATE SET jobs = count.jobs + excluded.jobs
      """;
  private static final String TOTAL =
      """
      INSERT INTO total (jobs, slot, tenant_id, type, scope, state) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (tenant_id, type, scope, state, slot)
        DO UPDATE SET jobs = total.jobs + excluded.jobs
      """;
  private static final String DROP_EMPTY =
      """
      DELETE FROM count WHERE jobs = 0 AND slot = ? AND tenant_id = ? AND type = ? AND scope = ?
        AND state = ? AND user_id = ? AND project_id = ?
      """;
  private static final Comparator<CountCell> ORDER =
      Comparator.comparing(CountCell::tenantId)
          .thenComparing(CountCell::userId)
          .thenComparing(CountCell::projectId)
          .thenComparing(CountCell::type)
          .thenComparing(CountCell::scope)
          .thenComparing(CountCell::state);

  private final Statements sql;
  private final int slot;
  private final Map<CountCell, Long> collected = new HashMap<>();

  PostgresCountSlots(Statements sql, int slot) {
    this.sql = sql;
    this.slot = slot;
  }

  void add(CountCell cell, long jobs) {
    collected.merge(cell, jobs, Long::sum);
  }

  void clear() {
    collected.clear();
  }

  void write() throws SQLException {
    Map<CountCell, Long> cells = new TreeMap<>(ORDER);
    cells.putAll(collected);
    cells.values().removeIf(jobs -> jobs == 0);
    Map<CountCell, Long> totals = new TreeMap<>(ORDER);
    cells.forEach((cell, jobs) -> totals.merge(total(cell), jobs, Long::sum));
    totals.values().removeIf(jobs -> jobs == 0);
    for (Map.Entry<CountCell, Long> cell : cells.entrySet()) {
      PreparedStatement write = sql.of(COUNT);
      write.setLong(1, cell.getValue());
      setOwned(write, 2, cell.getKey());
      sql.write(write);
    }
    for (Map.Entry<CountCell, Long> total : totals.entrySet()) {
      PreparedStatement write = sql.of(TOTAL);
      write.setLong(1, total.getValue());
      set(write, 2, total.getKey());
      sql.write(write);
    }
    sql.flush();
    for (Map.Entry<CountCell, Long> cell : cells.entrySet()) {
      if (cell.getValue() < 0) {
        PreparedStatement drop = sql.of(DROP_EMPTY);
        setOwned(drop, 1, cell.getKey());
        sql.write(drop);
      }
    }
    sql.flush();
    clear();
  }

  private void setOwned(PreparedStatement statement, int column, CountCell cell)
      throws SQLException {
    set(statement, column, cell);
    statement.setString(column + 5, cell.userId());
    statement.setString(column + 6, cell.projectId());
  }

  private void set(PreparedStatement statement, int column, CountCell cell) throws SQLException {
    statement.setInt(column, slot);
    statement.setString(column + 1, cell.tenantId());
    statement.setString(column + 2, cell.type());
    statement.setInt(column + 3, cell.scope().getNumber());
    statement.setInt(column + 4, cell.state().getNumber());
  }

  private static CountCell total(CountCell cell) {
    return new CountCell(cell.tenantId(), "", "", cell.type(), cell.scope(), cell.state());
  }
}
