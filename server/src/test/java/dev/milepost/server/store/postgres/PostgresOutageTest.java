package dev.milepost.server.store.postgres;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.OutageContract;
import dev.milepost.server.store.PostgresProcess;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreHarness;
import java.io.IOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class PostgresOutageTest extends OutageContract {
  private static final String ROLE = "outage_" + ProcessHandle.current().pid();

  private static PostgresProcess postgres;

  private final URI direct = URI.create(postgres.emptyStore());

  @BeforeAll
  static void startPostgres() {
    postgres = PostgresProcess.start();
  }

  @AfterAll
  static void stopPostgres() throws IOException {
    postgres.close();
  }

  private void createRole() throws SQLException {
    run("CREATE ROLE " + ROLE + " LOGIN PASSWORD 'p'");
    run("GRANT CREATE ON DATABASE " + direct.getPath().substring(1) + " TO " + ROLE);
  }

  @AfterEach
  void dropRole() throws SQLException {
    run("DROP OWNED BY " + ROLE + " CASCADE");
    run("DROP ROLE " + ROLE);
  }

  private void run(String statement) throws SQLException {
    PostgresUrl url = PostgresUrl.of(direct.toString());
    try (Connection connection = DriverManager.getConnection(url.jdbc(), url.properties());
        Statement sql = connection.createStatement()) {
      sql.execute(statement);
    }
  }

  @Override
  protected int port() {
    return direct.getPort();
  }

  @Override
  protected JobStore open(int port, SettableClock clock, CommitObserver observer)
      throws SQLException {
    createRole();
    String url =
        "postgresql://%s:p@localhost:%d%s?%s"
            .formatted(ROLE, port, direct.getPath(), direct.getQuery());
    return PostgresJobStore.open(url, clock, StoreHarness.CAP, PostgresOptions.STANDARD, observer);
  }

  @Override
  protected void freeze() {
    postgres.freeze();
  }

  @Override
  protected void thaw() {
    postgres.thaw();
  }

  @Override
  protected void reject() throws SQLException {
    run("ALTER ROLE " + ROLE + " NOLOGIN");
  }

  @Override
  protected void admit() throws SQLException {
    run("ALTER ROLE " + ROLE + " LOGIN");
  }

  @Override
  protected void refuseChanges() throws SQLException {
    run("ALTER ROLE " + ROLE + " SET default_transaction_read_only = on");
  }

  @Override
  protected void acceptChanges() throws SQLException {
    run("ALTER ROLE " + ROLE + " RESET default_transaction_read_only");
  }
}
