package dev.milepost.server.store.postgres;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.engine.StoreMonitor;
import dev.milepost.server.store.sql.SqlReaders;
import dev.milepost.server.store.sql.Statements;
import java.sql.SQLException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads on connections that are kept for the next read. */
final class PostgresReaders extends SqlReaders {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresReaders.class);

  private final PostgresConnections connections;
  private final StoreMonitor monitor;

  PostgresReaders(
      PostgresConnections connections, StoreMonitor monitor, int count, int queueLimit) {
    super(count, queueLimit);
    this.connections = connections;
    this.monitor = monitor;
  }

  @Override
  protected StoreException notApplied(SQLException e) {
    return PostgresFailures.notApplied(e);
  }

  @Override
  protected <T> CompletionStage<T> submitted(Supplier<CompletionStage<T>> submit) {
    return monitor.read(submit);
  }

  /** Reads; if the connection was lost, once more on another one. */
  @Override
  protected <T> T inSnapshot(Read<T> read) throws SQLException {
    if (monitor.isAway()) {
      throw monitor.unavailable(Outcome.NOT_APPLIED);
    }
    try {
      return onOneConnection(read);
    } catch (SQLException e) {
      if (!PostgresFailures.mayBeAway(e)) {
        throw e;
      }
      // The others have probably been lost with it.
      connections.closeIdle();
      if (monitor.isAwayAfterCheck()) {
        throw monitor.unavailable(Outcome.NOT_APPLIED);
      }
      return onOneConnection(read);
    }
  }

  private <T> T onOneConnection(Read<T> read) throws SQLException {
    Statements sql = connections.reader();
    boolean isReusable = false;
    try {
      T result = read.from(sql);
      sql.connection().commit();
      monitor.proved();
      isReusable = true;
      return result;
    } finally {
      if (isReusable) {
        connections.release(sql);
      } else {
        close(sql);
      }
    }
  }

  private static void close(Statements sql) {
    try {
      sql.close();
    } catch (SQLException e) {
      LOG.debug("Could not close a connection properly.", e);
    }
  }
}
