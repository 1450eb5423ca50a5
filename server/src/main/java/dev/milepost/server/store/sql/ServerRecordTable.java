package dev.milepost.server.store.sql;

import com.google.protobuf.ByteString;
import dev.milepost.server.store.RecordKind;
import dev.milepost.server.store.RecordWrite;
import dev.milepost.server.store.ServerRecord;
import dev.milepost.server.store.ServerRecords;
import dev.milepost.server.store.engine.CheckedCell;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The table of what servers keep beside the jobs. Used by one thread at a time. */
public final class ServerRecordTable {
  private static final String PUT =
      """
      INSERT INTO server_record (kind, key, expire_micros, value) VALUES (?, ?, ?, ?)
      ON CONFLICT (kind, key)
        DO UPDATE SET expire_micros = excluded.expire_micros, value = excluded.value
      """;

  private static final String REMOVE = "DELETE FROM server_record WHERE kind = ? AND key = ?";

  /** Takes rows that no other server is about to change. */
  private static final String DELETE_SOME =
      "DELETE FROM server_record WHERE kind = ? AND key IN (SELECT key FROM server_record"
          + " WHERE kind = ? %s)";

  private static final String EXPIRED = "AND expire_micros <= ? ORDER BY key LIMIT ?";
  private static final String EXCESS = "ORDER BY expire_micros DESC, key LIMIT ? OFFSET ?";

  private static final String LIST =
      "SELECT key, expire_micros, value FROM server_record"
          + " WHERE kind = ? AND key >= ? AND key < ? AND expire_micros > ? ORDER BY key LIMIT ?";

  /** Rows that one write deletes because they have expired or are too many. */
  private static final int MAX_DELETED = 1_000;

  /** Follows every character of a key. */
  private static final String AFTER_ALL = "\u007f";

  private final Statements sql;

  /** The table on a connection. */
  public ServerRecordTable(Statements sql) {
    this.sql = sql;
  }

  /** Writes records within the transaction. */
  public void write(RecordWrite write, Instant now) throws SQLException {
    String kind = write.kind().storedName();
    long expireMicros = Rows.micros(now.plus(write.ttl()));
    for (String key : write.removed()) {
      sql.of(REMOVE, kind, key).executeUpdate();
    }
    for (var record : write.values().entrySet()) {
      byte[] value =
          CheckedCell.serverRecord(kind, record.getKey(), expireMicros)
              .encode(record.getValue().toByteArray());
      sql.of(PUT, kind, record.getKey(), expireMicros, value).executeUpdate();
    }
    sql.of(deleteSome(EXPIRED), kind, kind, Rows.micros(now), MAX_DELETED).executeUpdate();
    sql.of(deleteSome(EXCESS), kind, kind, MAX_DELETED, ServerRecords.MAX_RECORDS).executeUpdate();
  }

  private String deleteSome(String which) {
    String skip = sql.dialect().isRemote() ? " FOR UPDATE SKIP LOCKED" : "";
    return DELETE_SOME.formatted(which + skip);
  }

  /** Reads the records of a kind whose keys begin with a prefix, in the order of their keys. */
  List<ServerRecord> list(RecordKind kind, String prefix, Instant now) throws SQLException {
    List<ServerRecord> records = new ArrayList<>();
    try (ResultSet row =
        sql.of(
                LIST,
                kind.storedName(),
                prefix,
                prefix + AFTER_ALL,
                Rows.micros(now),
                ServerRecords.MAX_RECORDS)
            .executeQuery()) {
      while (row.next()) {
        String key = row.getString(1);
        long expireMicros = row.getLong(2);
        byte[] value =
            CheckedCell.serverRecord(kind.storedName(), key, expireMicros).bytes(row.getBytes(3));
        if (value != null) {
          records.add(
              new ServerRecord(key, ByteString.copyFrom(value), Rows.instant(expireMicros)));
        }
      }
    }
    return records;
  }
}
