package dev.milepost.server.store.sqlite;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Transitions;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.CountCell;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.sql.ClaimIndex;
import dev.milepost.server.store.sql.ItemTable;
import dev.milepost.server.store.sql.JobTable;
import dev.milepost.server.store.sql.JournalTable;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.server.store.sql.StoredJob;
import dev.milepost.server.store.sql.Tables;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The writer's connection and tables. Used by the writer only. */
final class SqliteTables implements Tables, AutoCloseable {
  private final Statements sql;
  private final JobTable jobs;
  private final SqliteJobNumbers numbers;
  private final JournalTable journal;
  private final ItemTable items;
  private final SqliteRequestTable requests;
  private final SqliteCountTable counts;
  private final ClaimIndex claims;
  private final SqliteJobCache hot = new SqliteJobCache();

  SqliteTables(Statements sql, int journalCap) throws SQLException {
    this.sql = sql;
    this.jobs = new JobTable(sql);
    this.numbers = new SqliteJobNumbers(sql);
    this.journal = new JournalTable(sql, journalCap);
    this.items = new ItemTable(sql);
    this.requests = new SqliteRequestTable(sql);
    this.counts = new SqliteCountTable(sql);
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

  @Override
  public @Nullable StoredJob known(JobKey key) {
    return hot.get(key);
  }

  @Override
  public @Nullable StoredJob find(JobKey key) throws SQLException {
    return jobs.find(key);
  }

  @Override
  public List<JobKey> claimable(ClaimQuery query) throws SQLException {
    return claims.best(query);
  }

  @Override
  public long nextNumber(int wanted) throws SQLException {
    return numbers.next();
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
    requests.put(key, request);
  }

  @Override
  public void deleteExpiredRequests(Instant now, int limit) throws SQLException {
    requests.deleteExpired(now, limit);
  }

  @Override
  public void flush() {
    // Nothing is batched.
  }

  @Override
  public boolean isDamage(SQLException e) {
    return SqliteFailures.isDamage(e);
  }

  @Override
  public RuntimeException notApplied(SQLException e) {
    return SqliteFailures.notApplied(e);
  }

  /** Jobs in progress need not be read again. */
  @Override
  public void committed(JobKey key, @Nullable StoredJob stored) {
    if (stored != null && isHeld(stored.record())) {
      hot.put(key, stored);
    } else {
      hot.remove(key);
    }
  }

  private static boolean isHeld(JobRecord record) {
    return Transitions.isHeld(record.getJob().getStatus().getState());
  }

  @Override
  public void begin() throws SQLException {
    sql.of("BEGIN IMMEDIATE").executeUpdate();
  }

  void commit() throws SQLException {
    sql.of("COMMIT").executeUpdate();
  }

  @Override
  public void recover() {
    sql.renew();
  }

  /** Rolls back the transaction. */
  void rollback() throws SQLException {
    hot.clear();
    counts.clear();
    sql.renew();
    try {
      sql.run("ROLLBACK");
    } finally {
      numbers.reload();
    }
  }

  /**
   * Moves the log into the database, as far as active readers allow.
   *
   * @return whether all of it was moved
   */
  boolean checkpoint() throws SQLException {
    return SqliteCheckpointer.moveLog(sql);
  }

  @Override
  public void close() throws SQLException {
    sql.close();
  }
}
