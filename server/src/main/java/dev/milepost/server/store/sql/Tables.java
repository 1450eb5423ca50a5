package dev.milepost.server.store.sql;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.CountCell;
import dev.milepost.server.store.RequestKey;
import dev.milepost.storage.v1.RequestRecord;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a group of updates reads from and writes to, in one transaction. Used by one thread. */
public interface Tables {
  /** Jobs and their specs. */
  JobTable jobs();

  /** Sealed runs of journals. */
  JournalTable journal();

  /** Items. */
  ItemTable items();

  /** Begins a transaction. */
  void begin() throws SQLException;

  /**
   * Returns a job that need not be read because nobody else can have changed it; null if it must be
   * read.
   */
  @Nullable StoredJob known(JobKey key);

  /** Reads a job; null if there is none. Nobody else changes it before this transaction ends. */
  @Nullable StoredJob find(JobKey key) throws SQLException;

  /** Returns the best jobs that a claim may take. */
  List<JobKey> claimable(ClaimQuery query) throws SQLException;

  /**
   * Returns the next position in the order of creation.
   *
   * @param wanted how many positions are about to be needed
   */
  long nextNumber(int wanted) throws SQLException;

  /** Adds a number of jobs, possibly negative, to a cell. */
  void count(CountCell cell, long jobs);

  /** Writes the counts: last, because other writers may wait for these rows. */
  void writeCounts() throws SQLException;

  /** Returns the record of a request; null if there is none or it has expired. */
  @Nullable RequestRecord findRequest(RequestKey key, Instant now) throws SQLException;

  /** Remembers a request; replaces an expired record. */
  void putRequest(RequestKey key, RequestRecord request, Instant now) throws SQLException;

  /** Deletes expired requests, checking {@code limit} at most. */
  void deleteExpiredRequests(Instant now, int limit) throws SQLException;

  /** Sends what was batched. */
  void flush() throws SQLException;

  /** Makes the connection usable again after a failure that is not followed by a rollback. */
  void recover();

  /** Whether a failure concerns only the rows that were read. */
  boolean isDamage(SQLException e);

  /** Translates a failure before the commit. */
  RuntimeException notApplied(SQLException e);

  /** Updates what is known of a job after a commit; null if it is gone. */
  void committed(JobKey key, @Nullable StoredJob stored);
}
