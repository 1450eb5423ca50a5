package dev.milepost.server.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.sql.ClaimIndex;
import dev.milepost.server.store.sql.Statements;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.sqlite.ProgressHandler;

/**
 * Measures claims in steps of SQLite's virtual machine, which do not depend on the speed of the
 * machine.
 */
class ClaimIndexTest {
  private static final ClaimQuery ANY = new ClaimQuery("acme", Set.of(), Set.of(), 0, 100, 1);

  @Test
  void costOfAClaimDoesNotDependOnTheBacklog() throws SQLException {
    long few = steps(30);
    long many = steps(30_000);
    assertThat(few).isPositive();
    assertThat(many).isLessThan(few + few / 10);
  }

  /** Steps of a claim of any type while this many jobs of three types and three scopes wait. */
  private static long steps(int waiting) throws SQLException {
    AtomicLong steps = new AtomicLong();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        Statements sql = new Statements(connection, SqliteConnections.DIALECT)) {
      SqliteSchema.prepare(sql, Path.of("unused"));
      fill(connection, waiting);
      ClaimIndex index = new ClaimIndex(sql);
      assertThat(index.best(ANY)).hasSize(1);
      ProgressHandler.setHandler(
          connection,
          1,
          new ProgressHandler() {
            @Override
            protected int progress() {
              steps.incrementAndGet();
              return 0;
            }
          });
      index.best(ANY);
      ProgressHandler.clearHandler(connection);
    }
    return steps.get();
  }

  private static void fill(Connection connection, int jobs) throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement insert =
        connection.prepareStatement(
            """
            INSERT INTO job (tenant_id, id, user_id, type, scope, state, priority, ready, record, tail)
            VALUES ('acme', ?, 'ann', ?, ?, 1, 50, 1, x'', x'')
            """)) {
      for (int i = 0; i < jobs; i++) {
        insert.setString(1, "job-" + i);
        insert.setString(2, "type-" + i % 3);
        insert.setInt(3, 1 + i / 3 % 3);
        insert.execute();
      }
    }
    connection.commit();
    connection.setAutoCommit(true);
  }
}
