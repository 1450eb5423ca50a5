package dev.milepost.server.store.sqlite;

import dev.milepost.v1.Item;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The items of jobs, as the writer sees them. */
final class ItemTable {
  private static final String FIND = "SELECT item FROM item WHERE job_no = ? AND id = ?";
  private static final String PUT =
      "INSERT OR REPLACE INTO item (job_no, id, state, project_id, item) VALUES (?, ?, ?, ?, ?)";

  private final Statements sql;

  ItemTable(Statements sql) {
    this.sql = sql;
  }

  @Nullable Item find(long number, String id) throws SQLException {
    PreparedStatement find = sql.of(FIND);
    find.setLong(1, number);
    find.setString(2, id);
    try (ResultSet row = find.executeQuery()) {
      return row.next() ? Rows.message(row, 1, Item.parser(), "an item") : null;
    }
  }

  void put(long number, Item item) throws SQLException {
    PreparedStatement put = sql.of(PUT);
    put.setLong(1, number);
    put.setString(2, item.getId());
    put.setInt(3, item.getStateValue());
    put.setString(4, item.getProjectId());
    put.setBytes(5, item.toByteArray());
    put.executeUpdate();
  }
}
