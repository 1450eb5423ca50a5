package dev.milepost.server.store.sql;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.StoreException;
import dev.milepost.storage.v1.RequestRecord;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a group of updates reads from and writes to, in one transaction on one connection. Used by
 * the writer's thread.
 */
public abstract class SqlTables implements AutoCloseable {
  private final Statements sql;
  private final JobTable jobs;
  private final TermTable terms;
  private final TextTable texts;
  private final JournalTable journal;
  private final ItemTable items;
  private final CountTable counts;
  private final ClaimIndex claims;

  /**
   * Takes ownership of the connection.
   *
   * @param journalCap journal entries kept of each kind
   */
  protected SqlTables(Statements sql, int journalCap, CountTable counts) {
    this.sql = sql;
    this.jobs = new JobTable(sql);
    this.terms = new TermTable(sql);
    this.texts = new TextTable(sql);
    this.journal = new JournalTable(sql, journalCap);
    this.items = new ItemTable(sql);
    this.counts = counts;
    this.claims = new ClaimIndex(sql);
  }

  /** The connection. */
  public final Statements sql() {
    return sql;
  }

  /** Jobs and their specs. */
  final JobTable jobs() {
    return jobs;
  }

  /** The index of jobs by terms. */
  final TermTable terms() {
    return terms;
  }

  /** The texts in which filters search. */
  final TextTable texts() {
    return texts;
  }

  /** Sealed runs of journals. */
  final JournalTable journal() {
    return journal;
  }

  /** Items. */
  final ItemTable items() {
    return items;
  }

  /** Counts of jobs. */
  protected final CountTable counts() {
    return counts;
  }

  /** The lanes of claimable jobs. */
  protected final ClaimIndex claims() {
    return claims;
  }

  /** Begins a transaction. */
  protected abstract void begin() throws SQLException;

  /**
   * Returns a job that need not be read because no other server can have changed it; null if it
   * must be read.
   */
  protected @Nullable StoredJob known(JobKey key) {
    return null;
  }

  /** Reads a job; null if there is none. No other transaction changes it before this one ends. */
  protected @Nullable StoredJob find(JobKey key) throws SQLException {
    return jobs.find(key);
  }

  /** Returns the best jobs that a claim may take. */
  protected abstract List<JobKey> claimable(ClaimQuery query) throws SQLException;

  /**
   * Returns the next position in the order of creation.
   *
   * @param wanted how many positions are about to be needed
   */
  protected abstract long nextNumber(int wanted) throws SQLException;

  /** Returns the record of a request; null if there is none or it has expired. */
  protected abstract @Nullable RequestRecord findRequest(RequestKey key, Instant now)
      throws SQLException;

  /** Remembers a request; replaces an expired record. */
  protected abstract void putRequest(RequestKey key, RequestRecord request, Instant now)
      throws SQLException;

  /** Deletes expired requests within the transaction, checking {@code limit} at most. */
  protected abstract void deleteExpiredRequests(Instant now, int limit) throws SQLException;

  /** Makes the connection usable again after a failure that is not followed by a rollback. */
  public final void recover() {
    sql.renew();
  }

  /** Whether a failure concerns only the rows that were read. */
  protected abstract boolean isDamage(SQLException e);

  /** Translates a failure before the commit. */
  protected abstract StoreException notApplied(SQLException e);

  /** Updates what is known of a job after a commit; null if it is gone. */
  protected void committed(JobKey key, @Nullable StoredJob stored) {}

  @Override
  public final void close() throws SQLException {
    sql.close();
  }
}
