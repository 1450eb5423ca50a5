package dev.milepost.server.store.postgres;

import dev.milepost.server.store.StoreCheck;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.sql.LaterTable;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.server.store.sql.TableCheck;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;

/**
 * Reads everything of the tables within one read-only snapshot, and changes nothing. Servers may
 * use them meanwhile.
 */
public final class PostgresCheck {
  private static final Duration LOGIN_TIMEOUT = Duration.ofSeconds(5);

  /** None: a query for a large table is answered when the database has read it. */
  private static final Duration RESPONSE_TIMEOUT = Duration.ZERO;

  private PostgresCheck() {}

  /**
   * Checks a store. Blocks.
   *
   * @throws StoreException if the URL is not valid, the database cannot be reached, or the tables
   *     do not exist or are of another version
   */
  public static StoreCheck run(String url, StoreCheck.Progress progress) {
    PostgresUrl parsed = PostgresUrl.of(url);
    try (Statements sql =
        new Statements(
            PostgresConnections.connect(parsed, LOGIN_TIMEOUT, RESPONSE_TIMEOUT),
            PostgresDatabase.DIALECT)) {
      PostgresSchema.requireCurrent(parsed);
      Connection connection = sql.connection();
      connection.setReadOnly(true);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setAutoCommit(false);
      return new TableCheck(sql, EnumSet.allOf(LaterTable.class), progress).run(0);
    } catch (SQLException e) {
      throw PostgresFailures.notApplied(e);
    }
  }
}
