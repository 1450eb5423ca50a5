package dev.milepost.server.store.postgres;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.engine.StoreMonitor;
import dev.milepost.server.store.sql.Dialect;
import dev.milepost.server.store.sql.Statements;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;

/** A database that has our tables. Opens connections to it. Thread-safe. */
final class PostgresDatabase implements AutoCloseable {
  /** The first version with the functions that the feed's positions need. */
  private static final int MIN_VERSION = 130_000;

  /** Each statement is a round trip; other servers write beside this one. */
  static final Dialect DIALECT = new Dialect("", "", " FOR UPDATE OF job", "strpos", true);

  private final PostgresUrl url;
  private final PostgresConnections connections;

  private PostgresDatabase(PostgresUrl url, PostgresConnections connections) {
    this.url = url;
    this.connections = connections;
  }

  /**
   * Opens a database; creates its tables, or migrates them to this version.
   *
   * @param monitor suspects an outage if a connection cannot be opened
   * @throws StoreException if the database cannot be used
   */
  static PostgresDatabase open(PostgresUrl url, StoreMonitor monitor) {
    PostgresConnections connections = new PostgresConnections(url, monitor);
    try (Statements sql = connections.open()) {
      requireVersion(sql);
    } catch (SQLException e) {
      throw PostgresFailures.notApplied(e);
    }
    PostgresSchema.prepare(url, PostgresSchema.MIGRATIONS);
    monitor.whenAway(connections::cutAll);
    return new PostgresDatabase(url, connections);
  }

  private static void requireVersion(Statements sql) throws SQLException {
    if (Integer.parseInt(setting(sql, "server_version_num")) < MIN_VERSION) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          "The database is PostgreSQL "
              + setting(sql, "server_version")
              + ". Use version 13 or later.");
    }
  }

  /** Reads a setting of the database. */
  static String setting(Statements sql, String name) throws SQLException {
    try (ResultSet row = sql.of("SHOW " + name).executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  /** Asks for the time of the database, also within a transaction that began earlier. */
  static Instant now(Statements sql) throws SQLException {
    try (ResultSet row = sql.of("SELECT clock_timestamp()").executeQuery()) {
      row.next();
      return row.getObject(1, OffsetDateTime.class).toInstant();
    }
  }

  PostgresUrl url() {
    return url;
  }

  /** Opens a connection in auto-commit mode; the caller closes it. */
  Statements connect() throws SQLException {
    return connections.open();
  }

  /** Opens a connection for writes; the caller commits. */
  Statements connectToWrite() throws SQLException {
    Statements sql = connect();
    try {
      sql.run("SET lock_timeout = '10s'");
      // A server that hangs must not lock jobs for good.
      sql.run("SET idle_in_transaction_session_timeout = '30s'");
      sql.run("SET default_transaction_isolation = 'read committed'");
      sql.connection().setAutoCommit(false);
      return sql;
    } catch (SQLException e) {
      sql.close();
      throw e;
    }
  }

  /** Returns the connections of reads. */
  PostgresConnections connections() {
    return connections;
  }

  @Override
  public void close() {
    connections.close();
  }
}
