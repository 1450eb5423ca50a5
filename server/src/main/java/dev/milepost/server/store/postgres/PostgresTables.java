package dev.milepost.server.store.postgres;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.sql.CountTable;
import dev.milepost.server.store.sql.JournalTail;
import dev.milepost.server.store.sql.Rows;
import dev.milepost.server.store.sql.SqlTables;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.server.store.sql.StoredJob;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A writer's connection and tables. Other servers write at the same time, so jobs are locked from
 * the decision to the commit. Used by the writer only.
 */
final class PostgresTables extends SqlTables {
  private static final String NUMBERS = "SELECT nextval('job_no') FROM generate_series(1, ?)";

  /** About the maximum size of a job in bytes. */
  private static final long MAX_JOB_BYTES = 1 << 20;

  /** Locks in one order on all servers, so that servers that lock the same jobs rarely deadlock. */
  private static final String LOCK_ALL =
      "SELECT tenant_id, id, job_no, tail, record, "
          + Rows.SPEC
          + " AS spec FROM job WHERE (tenant_id, id) IN"
          + " (SELECT * FROM unnest(?::text[], ?::text[]))"
          + " ORDER BY tenant_id, id FOR UPDATE OF job";

  /** Does the same, but does not return what begins after so many bytes: its columns are null. */
  private static final String LOCK_ALL_READ_SOME =
      """
      SELECT tenant_id, id, job_no, CASE WHEN fits THEN tail END, CASE WHEN fits THEN record END,
        CASE WHEN fits THEN spec END
      FROM (
        SELECT *, sum(size) OVER (ORDER BY tenant_id, id) - size < ? AS fits FROM (
          SELECT *, octet_length(tail) + octet_length(record) + COALESCE(octet_length(spec), 0)
            AS size
          FROM (
            %s
          ) AS locked
        ) AS measured
      ) AS counted
      """
          .formatted(LOCK_ALL);

  private static final String ADD_COUNT =
      """
      INSERT INTO count (slot, jobs, bytes, tenant_id, type, scope, state, user_id, project_id)
      VALUES (%d, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (tenant_id, user_id, project_id, type, scope, state, slot)
        DO UPDATE SET jobs = count.jobs + excluded.jobs, bytes = count.bytes + excluded.bytes
      """;
  private static final String ADD_TOTAL =
      """
      INSERT INTO total (slot, jobs, bytes, tenant_id, type, scope, state)
      VALUES (%d, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (tenant_id, type, scope, state, slot)
        DO UPDATE SET jobs = total.jobs + excluded.jobs, bytes = total.bytes + excluded.bytes
      """;

  /** The bytes of a job may have been counted in several slots: their sum has to remain right. */
  private static final String DROP_EMPTY =
      """
      DELETE FROM count WHERE jobs = 0 AND bytes = 0 AND slot = %d AND tenant_id = ? AND type = ? AND scope = ?
        AND state = ? AND user_id = ? AND project_id = ?
      """;

  private final PostgresRequestTable requests;
  private final Deque<Long> numbers = new ArrayDeque<>();

  /**
   * Jobs that this transaction has locked and read ahead; an empty value means that there is no
   * such job.
   */
  private final Map<JobKey, Optional<StoredJob>> ahead = new HashMap<>();

  /**
   * Takes ownership of the connection, which must not be in auto-commit mode.
   *
   * @param slot this writer's slot of the counts: writers with different slots do not wait for each
   *     other's rows
   */
  PostgresTables(Statements sql, int journalCap, int slot) {
    super(
        sql,
        journalCap,
        new CountTable(
            sql, ADD_COUNT.formatted(slot), ADD_TOTAL.formatted(slot), DROP_EMPTY.formatted(slot)));
    this.requests = new PostgresRequestTable(sql);
  }

  /** The first statement begins the transaction. */
  @Override
  protected void begin() {}

  @Override
  protected @Nullable StoredJob find(JobKey key) throws SQLException {
    Optional<StoredJob> locked = ahead.remove(key);
    return locked == null ? super.find(key) : locked.orElse(null);
  }

  /**
   * Locks the jobs that are about to be needed, all at once, and reads the first of them.
   *
   * @param maxBytes how many bytes of them to read; the others are read when they are needed
   */
  void lockAhead(Collection<JobKey> keys, long maxBytes) throws SQLException {
    keys.forEach(key -> ahead.put(key, Optional.empty()));
    List<JobKey> unread = new ArrayList<>();
    try (ResultSet row = lock(keys, maxBytes).executeQuery()) {
      while (row.next()) {
        JobKey key = new JobKey(row.getString(1), row.getString(2));
        JobRecord job = Rows.job(row, 5, key);
        if (job == null) {
          unread.add(key);
        } else {
          JournalTail tail = JournalTail.stored(key, row.getBytes(4));
          ahead.put(key, Optional.of(new StoredJob(row.getLong(3), job, tail)));
        }
      }
    }
    // Those that did not fit, and those that cannot be read, with what their columns say of them.
    unread.forEach(ahead::remove);
  }

  private PreparedStatement lock(Collection<JobKey> keys, long maxBytes) throws SQLException {
    if (keys.size() <= maxBytes / MAX_JOB_BYTES) {
      return byKeys(sql(), LOCK_ALL, keys);
    }
    PreparedStatement lock = sql().of(LOCK_ALL_READ_SOME);
    lock.setLong(1, maxBytes);
    setKeys(sql(), lock, 2, keys);
    return lock;
  }

  /** Returns the statement for a query that has two array parameters: tenants and ids of jobs. */
  static PreparedStatement byKeys(Statements sql, String query, Collection<JobKey> keys)
      throws SQLException {
    PreparedStatement statement = sql.of(query);
    setKeys(sql, statement, 1, keys);
    return statement;
  }

  private static void setKeys(
      Statements sql, PreparedStatement statement, int parameter, Collection<JobKey> keys)
      throws SQLException {
    Object[] tenants = keys.stream().map(JobKey::tenantId).toArray();
    Object[] ids = keys.stream().map(JobKey::jobId).toArray();
    statement.setArray(parameter, sql.connection().createArrayOf("text", tenants));
    statement.setArray(parameter + 1, sql.connection().createArrayOf("text", ids));
  }

  @Override
  protected List<JobKey> claimable(ClaimQuery query) throws SQLException {
    return new PostgresClaim(sql(), query).lock(claims());
  }

  @Override
  protected long nextNumber(int wanted) throws SQLException {
    if (numbers.isEmpty()) {
      try (ResultSet row = sql().of(NUMBERS, Math.max(1, wanted)).executeQuery()) {
        while (row.next()) {
          numbers.add(row.getLong(1));
        }
      }
    }
    return numbers.remove();
  }

  @Override
  protected @Nullable RequestRecord findRequest(RequestKey key, Instant now) throws SQLException {
    return requests.find(key, now);
  }

  @Override
  protected void putRequest(RequestKey key, RequestRecord request, Instant now)
      throws SQLException {
    requests.put(key, request, now);
  }

  @Override
  protected void deleteExpiredRequests(Instant now, int limit) {
    // Done while the writer is idle, so that no update waits for it.
  }

  /** Deletes expired requests in its own transaction. */
  void deleteExpired(Instant now, int limit) throws SQLException {
    requests.deleteExpired(now, limit);
    commit();
  }

  /** Any failure ends the transaction. */
  @Override
  protected boolean isDamage(SQLException e) {
    return false;
  }

  @Override
  protected StoreException notApplied(SQLException e) {
    return PostgresFailures.notApplied(e);
  }

  void commit() throws SQLException {
    sql().connection().commit();
    forget();
  }

  /** Rolls back the transaction and releases its locks. */
  void rollback() throws SQLException {
    counts().clear();
    forget();
    recover();
    sql().connection().rollback();
  }

  private void forget() {
    numbers.clear();
    ahead.clear();
  }
}
