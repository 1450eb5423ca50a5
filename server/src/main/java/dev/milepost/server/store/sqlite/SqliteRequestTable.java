package dev.milepost.server.store.sqlite;

import dev.milepost.server.job.Times;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.engine.CheckedCell;
import dev.milepost.server.store.engine.RequestDigest;
import dev.milepost.server.store.sql.Rows;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.storage.v1.RequestRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Remembered idempotent requests, as the writer uses them. */
final class SqliteRequestTable {
  private static final String FIND = "SELECT expire_micros, request FROM request WHERE digest = ?";
  private static final String PUT =
      "INSERT OR REPLACE INTO request (digest, expire_micros, request) VALUES (?, ?, ?)";

  /** Checks only the oldest records, and so needs no index. */
  private static final String DELETE_EXPIRED =
      """
      DELETE FROM request WHERE request_no IN (
        SELECT request_no FROM (
          SELECT request_no, expire_micros FROM request ORDER BY request_no LIMIT ?)
        WHERE expire_micros <= ?)
      """;

  private static final String OLDEST =
      "SELECT expire_micros FROM request ORDER BY request_no LIMIT 1";

  private final Statements sql;

  /** No stored request expires before this time. Read once, and after each deletion. */
  private long noneExpiresBefore;

  SqliteRequestTable(Statements sql) {
    this.sql = sql;
  }

  /** Returns the record of a request; null if there is none or it has expired. */
  @Nullable RequestRecord find(RequestKey key, Instant now) throws SQLException {
    byte[] digest = RequestDigest.of(key);
    try (ResultSet row = sql.of(FIND, digest).executeQuery()) {
      return row.next() ? Rows.request(digest, row.getLong(1), row.getBytes(2), now) : null;
    }
  }

  void put(RequestKey key, RequestRecord request) throws SQLException {
    long expireMicros = Times.micros(request.getExpireTime());
    byte[] digest = RequestDigest.of(key);
    byte[] value = CheckedCell.request(digest, expireMicros).encode(request);
    sql.of(PUT, digest, expireMicros, value).executeUpdate();
  }

  /**
   * Deletes expired requests.
   *
   * @param limit how many of the oldest to check
   */
  void deleteExpired(Instant now, int limit) throws SQLException {
    if (Rows.micros(now) < noneExpiresBefore) {
      return;
    }
    sql.of(DELETE_EXPIRED, limit, Rows.micros(now)).executeUpdate();
    try (ResultSet row = sql.of(OLDEST).executeQuery()) {
      noneExpiresBefore = row.next() ? row.getLong(1) : 0;
    }
  }
}
