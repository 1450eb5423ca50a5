package dev.milepost.server.store.sql;

import dev.milepost.server.store.CellCount;
import dev.milepost.server.store.CountCell;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts of jobs, as a writer uses them: collected during a transaction, written at its end. All
 * writers use one order, so that they rarely wait for each other and never deadlock.
 */
public final class CountTable {
  private static final Comparator<CountCell> ORDER =
      Comparator.comparing(CountCell::tenantId)
          .thenComparing(CountCell::userId)
          .thenComparing(CountCell::projectId)
          .thenComparing(CountCell::type)
          .thenComparing(CountCell::scope)
          .thenComparing(CountCell::state);

  private final Statements sql;
  private final String addCount;
  private final String addTotal;
  private final String dropEmpty;
  private final Map<CountCell, CellCount> collected = new HashMap<>();

  /**
   * A table with the engine's statements.
   *
   * @param addCount adds to a cell: number of jobs, bytes, tenant, type, scope, state, user,
   *     project
   * @param addTotal adds to a total: number of jobs, bytes, tenant, type, scope, state
   * @param dropEmpty deletes a cell without jobs: tenant, type, scope, state, user, project
   */
  public CountTable(Statements sql, String addCount, String addTotal, String dropEmpty) {
    this.sql = sql;
    this.addCount = addCount;
    this.addTotal = addTotal;
    this.dropEmpty = dropEmpty;
  }

  /** Adds a change to a cell. */
  void add(CountCell cell, CellCount change) {
    collected.merge(cell, change, CellCount::plus);
  }

  /** Discards what was collected. */
  public void clear() {
    collected.clear();
  }

  /**
   * Writes what was collected: last in a transaction, since other writers may wait for the rows.
   */
  void write() throws SQLException {
    Map<CountCell, CellCount> cells = new TreeMap<>(ORDER);
    cells.putAll(collected);
    cells.values().removeIf(CellCount::isZero);
    Map<CountCell, CellCount> totals = new TreeMap<>(ORDER);
    cells.forEach((cell, change) -> totals.merge(total(cell), change, CellCount::plus));
    totals.values().removeIf(CellCount::isZero);
    for (Map.Entry<CountCell, CellCount> cell : cells.entrySet()) {
      PreparedStatement add = sql.of(addCount);
      set(add, cell.getValue());
      set(add, 3, cell.getKey());
      setOwner(add, 7, cell.getKey());
      sql.write(add);
    }
    for (Map.Entry<CountCell, CellCount> total : totals.entrySet()) {
      PreparedStatement add = sql.of(addTotal);
      set(add, total.getValue());
      set(add, 3, total.getKey());
      sql.write(add);
    }
    sql.flush();
    for (Map.Entry<CountCell, CellCount> cell : cells.entrySet()) {
      if (cell.getValue().jobs() < 0) {
        PreparedStatement drop = sql.of(dropEmpty);
        set(drop, 1, cell.getKey());
        setOwner(drop, 5, cell.getKey());
        sql.write(drop);
      }
    }
    sql.flush();
    clear();
  }

  private static void set(PreparedStatement statement, CellCount change) throws SQLException {
    statement.setLong(1, change.jobs());
    statement.setLong(2, change.bytes());
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
