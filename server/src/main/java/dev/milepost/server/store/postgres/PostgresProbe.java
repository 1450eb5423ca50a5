package dev.milepost.server.store.postgres;

import dev.milepost.server.store.engine.EngineProbe;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a database whether it responds and accepts changes. */
final class PostgresProbe implements EngineProbe {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresProbe.class);

  private static final String IS_READ_ONLY =
      "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean";

  private final PostgresUrl url;
  private @Nullable Connection connection;

  PostgresProbe(PostgresUrl url) {
    this.url = url;
  }

  @Override
  public Optional<String> check(Duration timeout) {
    Connection known = connection;
    if (known != null) {
      try {
        Optional<String> refusal = refusal(known, timeout);
        if (refusal.isEmpty()) {
          return refusal;
        }
        // After a failover, the next connection may lead to the new primary.
        close();
      } catch (SQLException e) {
        LOG.debug("A connection to the database is lost.", e);
        close();
      }
    }
    try {
      Connection opened = PostgresConnections.connect(url, timeout, timeout);
      connection = opened;
      return refusal(opened, timeout);
    } catch (SQLException e) {
      close();
      throw PostgresFailures.away(e);
    }
  }

  private static Optional<String> refusal(Connection connection, Duration timeout)
      throws SQLException {
    connection.setNetworkTimeout(Runnable::run, (int) timeout.toMillis());
    try (Statement sql = connection.createStatement();
        ResultSet row = sql.executeQuery(IS_READ_ONLY)) {
      row.next();
      return row.getBoolean(1) ? Optional.of(PostgresFailures.IS_READ_ONLY) : Optional.empty();
    }
  }

  @Override
  public void close() {
    Connection known = connection;
    connection = null;
    if (known != null) {
      try {
        known.abort(Runnable::run);
      } catch (SQLException e) {
        LOG.debug("A connection could not be closed properly.", e);
      }
    }
  }
}
