package dev.milepost.server.store.postgres;

import dev.milepost.server.store.engine.StoreMonitor;
import dev.milepost.server.store.sql.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a store's connections, keeps those of reads for the next read, and cuts all of them when
 * the database goes away: so no thread waits for a database that does not respond. Thread-safe.
 */
final class PostgresConnections implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresConnections.class);

  /** How long each step of a login may take. */
  private static final Duration LOGIN_TIMEOUT = Duration.ofSeconds(5);

  /**
   * How long a response may take. Longer than a statement may wait for a lock; otherwise a
   * connection that a firewall has dropped would stop its user for a quarter of an hour.
   */
  private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(30);

  private final PostgresUrl url;
  private final StoreMonitor monitor;
  private final Deque<Statements> idle = new ArrayDeque<>();
  private final Set<Connection> open = new HashSet<>();

  PostgresConnections(PostgresUrl url, StoreMonitor monitor) {
    this.url = url;
    this.monitor = monitor;
  }

  /**
   * Opens a connection in auto-commit mode; the caller closes it.
   *
   * @throws SQLException if the database cannot be reached or refuses the connection
   */
  Statements open() throws SQLException {
    try {
      Connection connection = connect(url, LOGIN_TIMEOUT, RESPONSE_TIMEOUT);
      synchronized (this) {
        open.removeIf(PostgresConnections::isClosed);
        open.add(connection);
      }
      return new Statements(connection, PostgresDatabase.DIALECT);
    } catch (SQLException e) {
      monitor.suspect();
      throw e;
    }
  }

  /**
   * Opens a connection that no store cuts.
   *
   * @param login how long each step of the login may take
   * @param response how long a response may take afterwards
   */
  static Connection connect(PostgresUrl url, Duration login, Duration response)
      throws SQLException {
    PGSimpleDataSource source = source(url);
    source.setConnectTimeout(Math.min(source.getConnectTimeout(), (int) login.toSeconds()));
    source.setSocketTimeout((int) login.toSeconds());
    Connection connection = source.getConnection();
    try {
      connection.setNetworkTimeout(Runnable::run, (int) response.toMillis());
      return connection;
    } catch (SQLException e) {
      close(connection);
      throw e;
    }
  }

  /** Returns a data source that opens a new connection each time. */
  static PGSimpleDataSource source(PostgresUrl url) throws SQLException {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setURL(url.jdbc());
    for (String name : url.properties().stringPropertyNames()) {
      source.setProperty(name, url.properties().getProperty(name));
    }
    return source;
  }

  /** Returns a connection that reads one snapshot; hand it to {@link #release} or close it. */
  Statements reader() throws SQLException {
    Statements known;
    synchronized (this) {
      do {
        known = idle.poll();
      } while (known != null && isClosed(known.connection()));
    }
    if (known != null) {
      return known;
    }
    Statements sql = open();
    try {
      sql.connection().setReadOnly(true);
      sql.connection().setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      sql.connection().setAutoCommit(false);
      return sql;
    } catch (SQLException e) {
      close(sql.connection());
      throw e;
    }
  }

  /** Keeps a reader's connection, whose transaction has ended, for the next read. */
  void release(Statements sql) {
    synchronized (this) {
      idle.push(sql);
    }
  }

  /** Closes the readers' connections that nobody uses. */
  void closeIdle() {
    List<Statements> unused;
    synchronized (this) {
      unused = new ArrayList<>(idle);
      idle.clear();
    }
    unused.forEach(sql -> close(sql.connection()));
  }

  /** Cuts all connections: whoever waits for a response on one fails at once. */
  void cutAll() {
    List<Connection> all;
    synchronized (this) {
      all = new ArrayList<>(open);
      open.clear();
      idle.clear();
    }
    for (Connection connection : all) {
      try {
        connection.abort(Runnable::run);
      } catch (SQLException e) {
        LOG.debug("A connection could not be cut.", e);
      }
    }
  }

  private static boolean isClosed(Connection connection) {
    try {
      return connection.isClosed();
    } catch (SQLException e) {
      return true;
    }
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      LOG.debug("A connection could not be closed properly.", e);
    }
  }

  @Override
  public void close() {
    closeIdle();
  }
}
