package dev.milepost.server.store.postgres;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.RecordUpgrade;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.engine.ChangePublisher;
import dev.milepost.server.store.engine.CheckedCell;
import dev.milepost.server.store.sql.JournalTail;
import dev.milepost.server.store.sql.Rows;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JournalEntry;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads the table of changes. A position is a snapshot of the database: it tells of each
 * transaction whether it belongs before it, in whatever order transactions end.
 */
final class PostgresHistory {
  /** Jobs that a resumed watch reads at most. */
  private static final int MAX_JOBS = 2_000;

  /** Size of these jobs as they were. */
  private static final long MAX_BYTES = 8 << 20;

  private static final int FETCH_ROWS = 64;

  /** A snapshot lists the transactions that run: with very many, a position would be too long. */
  private static final int MAX_POSITION_CHARS = 512;

  private static final String SNAPSHOT = "SELECT pg_current_snapshot()::text";

  /** The snapshot of the query itself, and what is new in it. */
  private static final String CHANGES =
      """
      SELECT now.snapshot::text, change.tenant_id, change.id, change.before
      FROM (SELECT pg_current_snapshot() AS snapshot) AS now
      LEFT JOIN change ON change.xid >= pg_snapshot_xmin(?::pg_snapshot)
        AND NOT pg_visible_in_snapshot(change.xid, ?::pg_snapshot) AND change.server_id <> ?
      ORDER BY change.change_no
      """;

  private static final String FIRST_CHANGES =
      """
      SELECT DISTINCT ON (tenant_id, id) tenant_id, id, before FROM change
      WHERE xid >= pg_snapshot_xmin(?::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, ?::pg_snapshot)
      ORDER BY tenant_id, id, change_no LIMIT ?
      """;

  /** What tells a change from one of another history, such as after a restored backup. */
  private static final String LAST =
      """
      SELECT change_no, md5(concat_ws(' ', xid, server_id, extract(epoch FROM made_time))),
        extract(epoch FROM clock_timestamp() - made_time)
      FROM change
      """;

  private static final String NEWEST = LAST + "ORDER BY change_no DESC LIMIT 1";
  private static final String NUMBERED = LAST + "WHERE change_no = ?";

  private static final String CURRENT =
      "SELECT tenant_id, id, tail, record, "
          + Rows.SPEC
          + " FROM job WHERE (tenant_id, id) IN (SELECT * FROM unnest(?::text[], ?::text[]))";

  private PostgresHistory() {}

  /**
   * Jobs that were changed.
   *
   * @param snapshot the position that was reached
   * @param jobs each with its first previous state; null: it was new
   */
  record Touched(String snapshot, Map<JobKey, byte @Nullable []> jobs) {}

  /** Returns the current position. */
  static String snapshot(Statements sql) throws SQLException {
    try (ResultSet row = sql.of(SNAPSHOT).executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  /** Returns the jobs that other servers have changed since a position. */
  static Touched touched(Statements sql, String snapshot, UUID serverId) throws SQLException {
    Map<JobKey, byte @Nullable []> touched = new LinkedHashMap<>();
    String reached = snapshot;
    try (ResultSet row = sql.of(CHANGES, snapshot, snapshot, serverId).executeQuery()) {
      while (row.next()) {
        reached = row.getString(1);
        if (row.getString(2) != null) {
          JobKey key = new JobKey(row.getString(2), row.getString(3));
          if (!touched.containsKey(key)) {
            touched.put(key, row.getBytes(4));
          }
        }
      }
    }
    return new Touched(reached, touched);
  }

  /**
   * Returns the changes to jobs, up to their current state, which may be newer than the position.
   * Those to jobs that cannot be read are left out: nobody can be shown them.
   */
  static List<Change> current(Statements sql, Map<JobKey, byte @Nullable []> touched)
      throws SQLException {
    Map<JobKey, Change> changes = new LinkedHashMap<>();
    for (Map.Entry<JobKey, byte @Nullable []> job : touched.entrySet()) {
      JobRecord before = CheckedCell.before(job.getKey()).parse(job.getValue(), JobRecord.parser());
      changes.put(
          job.getKey(),
          new Change(
              job.getKey(),
              before == null ? null : RecordUpgrade.current(before),
              null,
              List.of()));
    }
    try (ResultSet row = PostgresTables.byKeys(sql, CURRENT, touched.keySet()).executeQuery()) {
      while (row.next()) {
        JobKey key = new JobKey(row.getString(1), row.getString(2));
        JobRecord after = Rows.job(row, 4, key);
        changes.computeIfPresent(
            key,
            (of, gone) ->
                after == null
                    ? null
                    : new Change(key, gone.before(), after, entries(key, row, gone.before())));
      }
    }
    return List.copyOf(changes.values());
  }

  /**
   * Returns the new entries that are in the job's row; listeners that need older ones read them.
   */
  private static List<JournalEntry> entries(JobKey key, ResultSet row, @Nullable JobRecord before) {
    long known = before == null ? 0 : before.getJob().getStatus().getJournalSequence();
    List<JournalEntry> entries = new ArrayList<>();
    try {
      JournalTail.stored(key, row.getBytes(3)).chunk().stream()
          .flatMap(tail -> tail.getEntriesList().stream())
          .filter(entry -> entry.getSequence() > known)
          .forEach(entries::add);
    } catch (SQLException e) {
      throw PostgresFailures.notApplied(e);
    }
    return entries;
  }

  /**
   * Returns a position that any server of the store can read from: the snapshot, and the newest
   * change in it. Empty if it would be too long, or nothing was ever changed. Must be called within
   * the transaction of the snapshot.
   */
  static String position(Statements sql, String snapshot) throws SQLException {
    try (ResultSet row = sql.of(NEWEST).executeQuery()) {
      String position = row.next() ? snapshot + "/" + row.getLong(1) + "/" + row.getString(2) : "";
      return position.length() > MAX_POSITION_CHARS ? "" : position;
    }
  }

  /**
   * Returns what has changed since a position, by any server; empty if it is too much, or not kept.
   *
   * @param kept how long changes are kept
   */
  static Optional<List<Change>> since(Statements sql, String position, Duration kept)
      throws SQLException {
    String[] parts = position.split("/");
    if (parts.length != 3 || !isKept(sql, parts[0], Long.parseLong(parts[1]), parts[2], kept)) {
      return Optional.empty();
    }
    Map<JobKey, byte @Nullable []> touched = new LinkedHashMap<>();
    long bytes = 0;
    PreparedStatement query = sql.of(FIRST_CHANGES, parts[0], parts[0], MAX_JOBS + 1);
    query.setFetchSize(FETCH_ROWS);
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        byte[] before = row.getBytes(3);
        bytes += before == null ? 0 : before.length;
        touched.put(new JobKey(row.getString(1), row.getString(2)), before);
        if (touched.size() > MAX_JOBS || bytes > MAX_BYTES) {
          return Optional.empty();
        }
      }
    }
    List<Change> changes = new ArrayList<>();
    for (Map<JobKey, byte @Nullable []> some : ChangePublisher.slices(touched)) {
      changes.addAll(current(sql, some));
    }
    return Optional.of(changes);
  }

  /**
   * Returns whether all changes since a position are kept. Changes are deleted in the order of
   * their numbers, so those after the newest one of the position are kept if that is. A transaction
   * that ran at the position may have a lower number: as long as it is not old, it is kept as well.
   */
  private static boolean isKept(
      Statements sql, String snapshot, long number, String digest, Duration kept)
      throws SQLException {
    boolean hadRunning = !snapshot.endsWith(":");
    try (ResultSet row = sql.of(NUMBERED, number).executeQuery()) {
      return row.next()
          && row.getString(2).equals(digest)
          && !(hadRunning && row.getDouble(3) > kept.toSeconds() / 2.0);
    }
  }
}
