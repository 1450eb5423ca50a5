package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.sql.Statements;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.ProgressHandler;

/**
 * Runs an action again and again during a long statement, on the same thread. If the action throws,
 * SQLite interrupts the statement.
 */
final class SqliteInterrupt {
  /** Steps of SQLite's virtual machine between two runs: some thousand rows. */
  private static final int STEPS = 20_000;

  private final Runnable action;
  private @Nullable RuntimeException thrown;

  private SqliteInterrupt(Runnable action) {
    this.action = action;
  }

  /** A statement. */
  interface Work {
    void run() throws SQLException;
  }

  /**
   * Executes a long statement on a connection.
   *
   * @param action runs several times a second; what it throws ends the statement, and is thrown
   */
  static void during(Statements sql, Runnable action, Work statement) throws SQLException {
    SqliteInterrupt interrupt = new SqliteInterrupt(action);
    ProgressHandler.setHandler(
        sql.connection(),
        STEPS,
        new ProgressHandler() {
          @Override
          protected int progress() {
            return interrupt.run();
          }
        });
    try {
      statement.run();
    } catch (SQLException e) {
      if (interrupt.thrown != null) {
        throw interrupt.thrown;
      }
      throw e;
    } finally {
      ProgressHandler.clearHandler(sql.connection());
    }
  }

  /** An exception must not cross SQLite. */
  private int run() {
    try {
      action.run();
      return 0;
    } catch (RuntimeException e) {
      thrown = e;
      return 1;
    }
  }
}
