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
  private final Set<PreparedStatement> batched = new LinkedHashSet<>();

  /** Takes ownership of the connection. */
  public Statements(Connection connection, Dialect dialect) {
    this.connection = connection;
    this.dialect = dialect;
  }

  /** How statements for this engine differ. */
  public Dialect dialect() {
    return dialect;
  }

  /** The connection; this object closes it. */
  public Connection connection() {
    return connection;
  }

  /**
   * Executes a change, or batches it until {@link #flush}. The result must not depend on the order
   * of different statements within a batch.
   */
  public void write(PreparedStatement change) throws SQLException {
    if (dialect.isRemote()) {
      change.addBatch();
      batched.add(change);
    } else {
      change.executeUpdate();
    }
  }

  /** Sends what was batched. */
  public void flush() throws SQLException {
    for (PreparedStatement change : batched) {
      change.executeBatch();
    }
    batched.clear();
  }

  /**
   * Returns the statement for a text. Its parameters keep the values of the last use until they are
   * set.
   */
  public PreparedStatement of(String sql) throws SQLException {
    PreparedStatement statement = prepared.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      prepared.put(sql, statement);
    }
    return statement;
  }

  /** Returns the statement for a text with its parameters set, in order. */
  public PreparedStatement of(String sql, Object... values) throws SQLException {
    PreparedStatement statement = of(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  /**
   * Closes all statements. Must be called after a failure: the driver then resets the failed one.
   */
  public void renew() {
    batched.clear();
    for (PreparedStatement statement : prepared.values()) {
      try {
        statement.close();
      } catch (SQLException e) {
        // This repeats the failure that led here.
        LOG.debug("Could not close a statement properly after a failure.", e);
      }
    }
    prepared.clear();
  }

  /** Runs a statement that is not worth preparing, and ignores its result. */
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
