package dev.milepost.server.store.postgres;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.sql.SqlReaders;
import dev.milepost.server.store.sql.Statements;
import java.sql.SQLException;

/** Reads on pooled connections. */
final class PostgresReaders extends SqlReaders {
  private final PostgresDatabase database;

  PostgresReaders(PostgresDatabase database, int count, int queueLimit) {
    super(count, queueLimit);
    this.database = database;
  }

  @Override
  protected StoreException notApplied(SQLException e) {
    return PostgresFailures.notApplied(e);
  }

  /** Reads; if the connection was lost, once more on another one. */
  @Override
  protected <T> T inSnapshot(Read<T> read) throws SQLException {
    try {
      return onOneConnection(read);
    } catch (SQLException e) {
      if (!PostgresFailures.isConnection(e)) {
        throw e;
      }
      return onOneConnection(read);
    }
  }

  private <T> T onOneConnection(Read<T> read) throws SQLException {
    try (Statements sql = database.reader()) {
      T result = read.from(sql);
      sql.connection().commit();
      return result;
    }
  }
}
