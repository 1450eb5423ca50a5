package dev.milepost.server.store.sqlite;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.engine.CheckedCell;
import java.sql.Connection;
import java.sql.SQLException;
import org.sqlite.Function;

/**
 * The SQL function {@code checked(column, key, key, bytes)}, with which a migration adds checksums
 * to what earlier versions stored. Null remains null.
 */
final class SqliteChecksumFunction extends Function {
  private static final int ARGUMENTS = 4;

  private SqliteChecksumFunction() {}

  /** Adds the function to a connection. */
  static void create(Connection connection) throws SQLException {
    Function.create(
        connection,
        "checked",
        new SqliteChecksumFunction(),
        ARGUMENTS,
        Function.FLAG_DETERMINISTIC);
  }

  @Override
  protected void xFunc() throws SQLException {
    byte[] bytes = value_blob(3);
    if (bytes == null) {
      result();
    } else {
      result(cell(value_text(0)).encode(bytes));
    }
  }

  private CheckedCell cell(String column) throws SQLException {
    return switch (column) {
      case "record" -> CheckedCell.record(key());
      case "tail" -> CheckedCell.tail(key());
      case "spec" -> CheckedCell.spec(key());
      case "run" -> CheckedCell.run(value_long(1), value_long(2));
      case "item" -> CheckedCell.item(value_long(1), value_text(2));
      case "request" -> CheckedCell.request(value_blob(1), value_long(2));
      default -> throw new SQLException("There is no column " + column + ".");
    };
  }

  private JobKey key() throws SQLException {
    return new JobKey(value_text(1), value_text(2));
  }
}
