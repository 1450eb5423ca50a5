package dev.milepost.server.store.sqlite;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Transitions;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.sql.CountTable;
import dev.milepost.server.store.sql.SqlTables;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.server.store.sql.StoredJob;
import dev.milepost.storage.v1.RequestRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The writer's connection and tables. Used by the writer only. */
final class SqliteTables extends SqlTables {
  /** Free pages that stay in the file for the next jobs: 4 MiB, or a part of the file. */
  private static final int MIN_FREE_PAGES = 1_024;

  /** The part of the file that may be free: one page in ten. */
  private static final int FREE_SHARE = 10;

  private static final String ADD_COUNT =
      """
      INSERT INTO count (jobs, bytes, tenant_id, type, scope, state, user_id, project_id)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET jobs = jobs + excluded.jobs, bytes = bytes + excluded.bytes
      """;
  private static final String ADD_TOTAL =
      """
      INSERT INTO total (jobs, bytes, tenant_id, type, scope, state) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET jobs = jobs + excluded.jobs, bytes = bytes + excluded.bytes
      """;
  private static final String DROP_EMPTY =
      """
      DELETE FROM count WHERE jobs = 0 AND tenant_id = ? AND type = ? AND scope = ? AND state = ?
        AND user_id = ? AND project_id = ?
      """;

  private final SqliteJobNumbers numbers;
  private final SqliteRequestTable requests;
  private final SqliteJobCache cache = new SqliteJobCache();

  SqliteTables(Statements sql, int journalCap) throws SQLException {
    super(sql, journalCap, new CountTable(sql, ADD_COUNT, ADD_TOTAL, DROP_EMPTY));
    this.numbers = new SqliteJobNumbers(sql);
    this.requests = new SqliteRequestTable(sql);
  }

  @Override
  protected @Nullable StoredJob known(JobKey key) {
    return cache.get(key);
  }

  @Override
  protected List<JobKey> claimable(ClaimQuery query) throws SQLException {
    return claims().best(query);
  }

  @Override
  protected long nextNumber(int wanted) throws SQLException {
    return numbers.next();
  }

  @Override
  protected @Nullable RequestRecord findRequest(RequestKey key, Instant now) throws SQLException {
    return requests.find(key, now);
  }

  @Override
  protected void putRequest(RequestKey key, RequestRecord request, Instant now)
      throws SQLException {
    requests.put(key, request);
  }

  @Override
  protected void deleteExpiredRequests(Instant now, int limit) throws SQLException {
    requests.deleteExpired(now, limit);
  }

  @Override
  protected boolean isDamage(SQLException e) {
    return SqliteFailures.isDamage(e);
  }

  @Override
  protected StoreException notApplied(SQLException e) {
    return SqliteFailures.notApplied(e);
  }

  /** Caches jobs in progress, so that they need not be read again. */
  @Override
  protected void committed(JobKey key, @Nullable StoredJob stored) {
    if (stored != null && Transitions.isHeld(stored.record().getJob().getStatus().getState())) {
      cache.put(key, stored);
    } else {
      cache.remove(key);
    }
  }

  @Override
  protected void begin() throws SQLException {
    sql().of("BEGIN IMMEDIATE").executeUpdate();
  }

  void commit() throws SQLException {
    sql().of("COMMIT").executeUpdate();
  }

  /** Rolls back the transaction. */
  void rollback() throws SQLException {
    cache.clear();
    counts().clear();
    recover();
    try {
      sql().run("ROLLBACK");
    } finally {
      numbers.reload();
    }
  }

  /**
   * Moves the log into the database, as far as active readers allow.
   *
   * @return what is left
   */
  LogState checkpoint() throws SQLException {
    return SqliteCheckpointer.moveLog(sql());
  }

  /**
   * Returns the number of free pages that may be given back to the disk: those beyond a reserve.
   */
  int excessPages() throws SQLException {
    int free = number("PRAGMA freelist_count");
    return free <= MIN_FREE_PAGES
        ? 0
        : free - Math.max(MIN_FREE_PAGES, number("PRAGMA page_count") / FREE_SHARE);
  }

  /**
   * Moves free pages to the end of the file and cuts them off, in a transaction of its own. The
   * file gets shorter with the next checkpoint. Does nothing in a file that was created before this
   * was set up.
   *
   * @param limit maximum number of pages
   */
  void freePages(int limit) throws SQLException {
    // Not as a prepared statement, which the driver would step once: each step frees one page.
    try (Statement step = sql().connection().createStatement()) {
      step.executeUpdate("PRAGMA incremental_vacuum(" + limit + ")");
    }
  }

  private int number(String pragma) throws SQLException {
    try (ResultSet row = sql().of(pragma).executeQuery()) {
      return row.next() ? row.getInt(1) : 0;
    }
  }
}
