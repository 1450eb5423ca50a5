package dev.milepost.server.store.postgres;

import dev.milepost.server.job.Times;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.engine.RequestDigest;
import dev.milepost.server.store.sql.Rows;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.storage.v1.RequestRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Idempotent requests that are remembered, as a writer sees them. */
final class PostgresRequestTable {
  private static final String FIND =
      "SELECT request FROM request WHERE digest = ? AND expire_micros > ? FOR UPDATE";

  /** Where another server was faster, nothing is written, and the decision must be taken again. */
  private static final String PUT =
      """
      INSERT INTO request (digest, expire_micros, request) VALUES (?, ?, ?)
      ON CONFLICT (digest) DO UPDATE
        SET expire_micros = excluded.expire_micros, request = excluded.request
        WHERE request.expire_micros <= ?
      """;

  private static final String SWEEP =
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
    PreparedStatement find = sql.of(FIND);
    find.setBytes(1, RequestDigest.of(key));
    find.setLong(2, Rows.micros(now));
    try (ResultSet row = find.executeQuery()) {
      return row.next() ? Rows.message(row, 1, RequestRecord.parser(), "a request") : null;
    }
  }

  void put(RequestKey key, RequestRecord request, Instant now) throws SQLException {
    PreparedStatement put = sql.of(PUT);
    put.setBytes(1, RequestDigest.of(key));
    put.setLong(2, Times.micros(request.getExpireTime()));
    put.setBytes(3, request.toByteArray());
    put.setLong(4, Rows.micros(now));
    if (put.executeUpdate() == 0) {
      throw new SQLException("The request was remembered meanwhile.", "40001");
    }
  }

  void sweep(Instant now, int limit) throws SQLException {
    PreparedStatement sweep = sql.of(SWEEP);
    sweep.setLong(1, Rows.micros(now));
    sweep.setInt(2, limit);
    sweep.executeUpdate();
  }
}
