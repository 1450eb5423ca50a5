package dev.milepost.server.store.postgres;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.CountCell;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.sql.ClaimIndex;
import dev.milepost.server.store.sql.ItemTable;
import dev.milepost.server.store.sql.JobTable;
import dev.milepost.server.store.sql.JournalTable;
import dev.milepost.server.store.sql.JournalTail;
import dev.milepost.server.store.sql.Rows;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.server.store.sql.StoredJob;
import dev.milepost.server.store.sql.Tables;
import dev.milepost.storage.v1.RequestRecord;
import java.sql.Array;
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
final class PostgresTables implements Tables, AutoCloseable {
  private static final String NUMBERS = "SELECT nextval('job_no') FROM generate_series(1, ?)";

  /** Locks in one order on all servers, so that servers that lock the same jobs rarely deadlock. */
  private static final String LOCK_ALL =
      "SELECT tenant_id, id, job_no, tail, status, "
          + Rows.SPEC
          + " FROM job WHERE (tenant_id, id) IN (SELECT * FROM unnest(?::text[], ?::text[]))"
          + " ORDER BY tenant_id, id FOR UPDATE OF job";

  /** Skips jobs that another server is about to claim. */
  private static final String LOCK_WAITING =
      """
      SELECT id FROM job WHERE job_no = ANY (?) AND ready = 1
      ORDER BY priority DESC, job_no LIMIT ? FOR UPDATE SKIP LOCKED
      """;

  /** How often a claim widens its search if other servers hold the jobs it found. */
  private static final int MAX_CLAIM_READS = 4;

  private final Statements sql;
  private final JobTable jobs;
  private final JournalTable journal;
  private final ItemTable items;
  private final PostgresRequestTable requests;
  private final PostgresCountSlots counts;
  private final ClaimIndex claims;
  private final Deque<Long> numbers = new ArrayDeque<>();

  /**
   * Jobs that this transaction has locked ahead; an empty value means that there is no such job.
   */
  private final Map<JobKey, Optional<StoredJob>> ahead = new HashMap<>();

  /** Takes ownership of the connection, which must not be in auto-commit mode. */
  PostgresTables(Statements sql, int journalCap, int slot) {
    this.sql = sql;
    this.jobs = new JobTable(sql);
    this.journal = new JournalTable(sql, journalCap);
    this.items = new ItemTable(sql);
    this.requests = new PostgresRequestTable(sql);
    this.counts = new PostgresCountSlots(sql, slot);
    this.claims = new ClaimIndex(sql);
  }

  @Override
  public JobTable jobs() {
    return jobs;
  }

  @Override
  public JournalTable journal() {
    return journal;
  }

  @Override
  public ItemTable items() {
    return items;
  }

  /** The first statement begins the transaction. */
  @Override
  public void begin() {}

  /** Any other server may have changed it. */
  @Override
  public @Nullable StoredJob known(JobKey key) {
    return null;
  }

  @Override
  public @Nullable StoredJob find(JobKey key) throws SQLException {
    Optional<StoredJob> locked = ahead.remove(key);
    return locked == null ? jobs.find(key) : locked.orElse(null);
  }

  /** Reads and locks the jobs that are about to be needed, all at once. */
  void lockAhead(Collection<JobKey> keys) throws SQLException {
    Object[] tenants = keys.stream().map(JobKey::tenantId).toArray();
    Object[] ids = keys.stream().map(JobKey::jobId).toArray();
    keys.forEach(key -> ahead.put(key, Optional.empty()));
    PreparedStatement lock = sql.of(LOCK_ALL);
    lock.setArray(1, sql.connection().createArrayOf("text", tenants));
    lock.setArray(2, sql.connection().createArrayOf("text", ids));
    try (ResultSet row = lock.executeQuery()) {
      while (row.next()) {
        ahead.put(
            new JobKey(row.getString(1), row.getString(2)),
            Optional.of(
                new StoredJob(
                    row.getLong(3), Rows.job(row, 5), JournalTail.stored(row.getBytes(4)))));
      }
    }
  }

  @Override
  public List<JobKey> claimable(ClaimQuery query) throws SQLException {
    List<JobKey> found = new ArrayList<>();
    int wanted = query.limit();
    for (int reads = 0; reads < MAX_CLAIM_READS; reads++) {
      List<Long> best = claims.bestNumbers(query, wanted);
      found = lock(query, best);
      if (found.size() == Math.min(best.size(), query.limit()) || best.size() < wanted) {
        return found;
      }
      // Other servers hold some of them: try the next best as well.
      wanted = 2 * wanted + 10;
    }
    return found;
  }

  private List<JobKey> lock(ClaimQuery query, List<Long> best) throws SQLException {
    if (best.isEmpty()) {
      return List.of();
    }
    Array candidates = sql.connection().createArrayOf("bigint", best.toArray());
    PreparedStatement lock = sql.of(LOCK_WAITING);
    lock.setArray(1, candidates);
    lock.setInt(2, query.limit());
    List<JobKey> locked = new ArrayList<>();
    try (ResultSet row = lock.executeQuery()) {
      while (row.next()) {
        locked.add(new JobKey(query.tenantId(), row.getString(1)));
      }
    } finally {
      candidates.free();
    }
    return locked;
  }

  @Override
  public long nextNumber(int wanted) throws SQLException {
    if (numbers.isEmpty()) {
      PreparedStatement next = sql.of(NUMBERS);
      next.setInt(1, Math.max(1, wanted));
      try (ResultSet row = next.executeQuery()) {
        while (row.next()) {
          numbers.add(row.getLong(1));
        }
      }
    }
    return numbers.remove();
  }

  @Override
  public void count(CountCell cell, long jobs) {
    counts.add(cell, jobs);
  }

  @Override
  public void writeCounts() throws SQLException {
    counts.write();
  }

  @Override
  public @Nullable RequestRecord findRequest(RequestKey key, Instant now) throws SQLException {
    return requests.find(key, now);
  }

  @Override
  public void putRequest(RequestKey key, RequestRecord request, Instant now) throws SQLException {
    requests.put(key, request, now);
  }

  @Override
  public void deleteExpiredRequests(Instant now, int limit) {
    // Done while the writer is idle, so that no update waits for it.
  }

  /** Deletes expired requests in its own transaction. */
  void deleteExpired(Instant now, int limit) throws SQLException {
    requests.deleteExpired(now, limit);
    commit();
  }

  @Override
  public void flush() throws SQLException {
    sql.flush();
  }

  @Override
  public void recover() {
    sql.renew();
  }

  /** Any failure ends the transaction. */
  @Override
  public boolean isDamage(SQLException e) {
    return false;
  }

  @Override
  public RuntimeException notApplied(SQLException e) {
    return PostgresFailures.notApplied(e);
  }

  @Override
  public void committed(JobKey key, @Nullable StoredJob stored) {}

  void commit() throws SQLException {
    sql.connection().commit();
    forget();
  }

  /** Rolls back the transaction and releases its locks. */
  void rollback() throws SQLException {
    counts.clear();
    forget();
    sql.renew();
    sql.connection().rollback();
  }

  private void forget() {
    numbers.clear();
    ahead.clear();
  }

  Statements sql() {
    return sql;
  }

  @Override
  public void close() throws SQLException {
    sql.close();
  }
}
