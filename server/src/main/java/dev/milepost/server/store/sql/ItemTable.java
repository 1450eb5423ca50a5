package dev.milepost.server.store.sql;

import dev.milepost.server.store.engine.CheckedCell;
import dev.milepost.v1.Item;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The items of jobs, as the writer uses them. */
final class ItemTable {
  private static final String FIND = "SELECT item FROM item WHERE job_no = ? AND id = ?";
  private static final String PUT =
      """
      INSERT INTO item (job_no, id, state, project_id, item) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (job_no, id) DO UPDATE
        SET state = excluded.state, project_id = excluded.project_id, item = excluded.item
      """;

  private final Statements sql;

  /** A table on this connection. */
  ItemTable(Statements sql) {
    this.sql = sql;
  }

  /**
   * Finds an item of the job with this number; returns null if there is none, or if it is damaged,
   * so that the next report on it replaces it.
   */
  @Nullable Item find(long number, String id) throws SQLException {
    PreparedStatement find = sql.of(FIND);
    find.setLong(1, number);
    find.setString(2, id);
    try (ResultSet row = find.executeQuery()) {
      return row.next() ? CheckedCell.item(number, id).parse(row.getBytes(1), Item.parser()) : null;
    }
  }

  /** Creates or replaces an item of the job with this number. */
  void put(long number, Item item) throws SQLException {
    PreparedStatement put = sql.of(PUT);
    put.setLong(1, number);
    put.setString(2, item.getId());
    put.setInt(3, item.getStateValue());
    put.setString(4, item.getProjectId());
    put.setBytes(5, CheckedCell.item(number, item.getId()).encode(item));
    sql.write(put);
  }
}
