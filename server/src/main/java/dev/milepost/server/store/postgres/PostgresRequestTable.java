package dev.milepost.server.store.postgres;

import dev.milepost.server.job.Times;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.engine.CheckedCell;
import dev.milepost.server.store.engine.RequestDigest;
import dev.milepost.server.store.sql.Rows;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.storage.v1.RequestRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Remembered idempotent requests, as a writer uses them. */
final class PostgresRequestTable {
  private static final String FIND =
      "SELECT expire_micros, request FROM request WHERE digest = ? FOR UPDATE";

  /** Writes nothing if another server was faster; the decision must be made again then. */
  private static final String PUT =
      """
      INSERT INTO request (digest, expire_micros, request) VALUES (?, ?, ?)
      ON CONFLICT (digest) DO UPDATE
        SET expire_micros = excluded.expire_micros, request = excluded.request
        WHERE request.expire_micros <= ?
      """;

  private static final String DELETE_EXPIRED =
      """
      DELETE FROM request WHERE digest IN (
        SELECT digest FROM request WHERE expire_micros <= ?
        ORDER BY expire_micros LIMIT ? FOR UPDATE SKIP LOCKED)
      """;

  private final Statements sql;

  PostgresRequestTable(Statements sql) {
    this.sql = sql;
  }

  @Nullable RequestRecord find(RequestKey key, Instant now) throws SQLException {
    byte[] digest = RequestDigest.of(key);
    try (ResultSet row = sql.of(FIND, digest).executeQuery()) {
      return row.next() ? Rows.request(digest, row.getLong(1), row.getBytes(2), now) : null;
    }
  }

  void put(RequestKey key, RequestRecord request, Instant now) throws SQLException {
    byte[] digest = RequestDigest.of(key);
    long expireMicros = Times.micros(request.getExpireTime());
    byte[] value = CheckedCell.request(digest, expireMicros).encode(request);
    PreparedStatement put = sql.of(PUT, digest, expireMicros, value, Rows.micros(now));
    if (put.executeUpdate() == 0) {
      throw new SQLException("Another server has just handled the same request.", "40001");
    }
  }

  void deleteExpired(Instant now, int limit) throws SQLException {
    sql.of(DELETE_EXPIRED, Rows.micros(now), limit).executeUpdate();
  }
}
