package dev.milepost.server.store.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection and its statements, each prepared once. Used by one thread at a time. */
public final class Statements implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Statements.class);

  private final Connection connection;
  private final Dialect dialect;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();

  /** Statements that wait to be sent, in the order in which they were first written. */
  private final Set<PreparedStatement> gathered = new LinkedHashSet<>();

  /** Takes the connection over: closes it in the end. */
  public Statements(Connection connection, Dialect dialect) {
    this.connection = connection;
    this.dialect = dialect;
  }

  /** The engine that is spoken to. */
  public Dialect dialect() {
    return dialect;
  }

  /** The connection; it is closed by this. */
  public Connection connection() {
    return connection;
  }

  /**
   * Carries a change out, or gathers it until {@link #flush}: what is gathered meanwhile must not
   * hang on its order.
   */
  public void write(PreparedStatement change) throws SQLException {
    if (dialect.isRemote()) {
      change.addBatch();
      gathered.add(change);
    } else {
      change.executeUpdate();
    }
  }

  /** Sends what was gathered. */
  public void flush() throws SQLException {
    for (PreparedStatement change : gathered) {
      change.executeBatch();
    }
    gathered.clear();
  }

  /** The statement of a text. Its parameters are those of its last use until they are set anew. */
  public PreparedStatement of(String sql) throws SQLException {
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
  public void renew() {
    gathered.clear();
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
  public void run(String sql) throws SQLException {
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
