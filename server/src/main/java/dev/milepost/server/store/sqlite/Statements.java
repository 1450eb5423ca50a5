package dev.milepost.server.store.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection and its statements, each prepared once. Used by one thread at a time. */
final class Statements implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Statements.class);

  private final Connection connection;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();

  /** Takes the connection over: closes it in the end. */
  Statements(Connection connection) {
    this.connection = connection;
  }

  /** The statement of a text. Its parameters are those of its last use until they are set anew. */
  PreparedStatement of(String sql) throws SQLException {
    PreparedStatement statement = prepared.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      prepared.put(sql, statement);
    }
    return statement;
  }

  /**
   * Forgets all statements. To be called after a failure: the driver then ends the one that failed.
   */
  void renew() {
    for (PreparedStatement statement : prepared.values()) {
      try {
        statement.close();
      } catch (SQLException e) {
        // It tells once more of the failure that brought us here.
        LOG.debug("A statement was closed after a failure.", e);
      }
    }
    prepared.clear();
  }

  /** Runs a statement that is not worth keeping, and drops what it answers. */
  void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    renew();
    connection.close();
  }
}
