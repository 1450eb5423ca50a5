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

/**
 * What a group of decisions is read from and written to, in one transaction. Used by one thread.
 */
public interface Tables {
  /** Jobs and their specs. */
  JobTable jobs();

  /** The sealed runs of journals. */
  JournalTable journal();

  /** Items. */
  ItemTable items();

  /** Begins a transaction. */
  void begin() throws SQLException;

  /** A job that need not be looked up, as nobody else can have changed it; null: look it up. */
  @Nullable StoredJob known(JobKey key);

  /** Looks a job up; null: there is none. Nobody else changes it before this transaction ends. */
  @Nullable StoredJob find(JobKey key) throws SQLException;

  /** The best jobs that a claim may take. */
  List<JobKey> claimable(ClaimQuery query) throws SQLException;

  /** The next place in the order of creation, of so many that are wanted now. */
  long nextNumber(int wanted) throws SQLException;

  /** Takes so many jobs more, or fewer, into a cell. */
  void count(CountCell cell, long jobs);

  /** Writes what was counted: last, as others may wait for these rows. */
  void writeCounts() throws SQLException;

  /** The record of a request; null where there is none or it has expired. */
  @Nullable RequestRecord findRequest(RequestKey key, Instant now) throws SQLException;

  /** Remembers a request, in the place of an expired one. */
  void putRequest(RequestKey key, RequestRecord request, Instant now) throws SQLException;

  /** Forgets expired requests, of so many at most. */
  void deleteExpiredRequests(Instant now, int limit) throws SQLException;

  /** Sends what was gathered. */
  void flush() throws SQLException;

  /** Makes ready to go on after a failure that no rollback follows. */
  void recover();

  /** Whether a failure concerns the rows that were read and nothing else. */
  boolean isDamage(SQLException e);

  /** How a failure before the commit is told. */
  RuntimeException notApplied(SQLException e);

  /** What has become of a job by a transaction that was committed; null: it is gone. */
  void committed(JobKey key, @Nullable StoredJob stored);
}
