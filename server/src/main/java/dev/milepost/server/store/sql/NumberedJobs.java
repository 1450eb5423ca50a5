package dev.milepost.server.store.sql;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.storage.v1.JobRecord;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Jobs by their numbers, read lazily from first to last. If each query is a round trip, several
 * jobs are read at once; not all of them, since few may be needed and each may be large.
 */
final class NumberedJobs {
  private static final int BATCH = 64;
  private static final long BATCH_BYTES = 1 << 20;

  private static final String ONE =
      "SELECT record, " + Rows.SPEC + ", job_no, tenant_id, id FROM job WHERE job_no = ?";

  /** Of the given jobs in this order, those that begin within so many bytes. */
  private static final String SOME =
      """
      SELECT record, spec, job_no, tenant_id, id, total FROM (
        SELECT *, sum(size) OVER (ORDER BY job_no %s) AS total FROM (
          SELECT *, octet_length(record) + COALESCE(octet_length(spec), 0) AS size FROM (
            SELECT job_no, tenant_id, id, record, %s AS spec FROM job WHERE job_no = ANY (?)
          ) AS whole
        ) AS measured
      ) AS counted WHERE total - size < ?
      """;

  private final Statements sql;
  private final List<Long> numbers;
  private final String some;
  private final Map<Long, JobRecord> ahead = new HashMap<>();
  private final Map<Long, JobKey> unreadable = new HashMap<>();
  private int readUntil;

  /**
   * Jobs of these numbers.
   *
   * @param numbers in ascending order, or in descending order if {@code newestFirst}
   */
  NumberedJobs(Statements sql, List<Long> numbers, boolean newestFirst) {
    this.sql = sql;
    this.numbers = numbers;
    this.some = SOME.formatted(newestFirst ? "DESC" : "ASC", Rows.SPEC);
  }

  /**
   * Returns the job at an index of the list; null if it is gone or cannot be read. Indexes must not
   * decrease.
   */
  @Nullable JobRecord at(int index) throws SQLException {
    if (!sql.dialect().isRemote()) {
      try (ResultSet row = sql.of(ONE, numbers.get(index)).executeQuery()) {
        return row.next() ? job(row) : null;
      }
    }
    if (index >= readUntil) {
      readFrom(index);
    }
    return ahead.get(numbers.get(index));
  }

  private void readFrom(int index) throws SQLException {
    readUntil = Math.min(numbers.size(), index + BATCH);
    ahead.clear();
    Object[] wanted = numbers.subList(index, readUntil).toArray();
    Array array = sql.connection().createArrayOf("bigint", wanted);
    try (ResultSet row = sql.of(some, array, BATCH_BYTES).executeQuery()) {
      while (row.next()) {
        long number = row.getLong(3);
        JobRecord job = job(row);
        if (job != null) {
          ahead.put(number, job);
        }
        if (row.getLong(6) >= BATCH_BYTES) {
          // The last one that was read; those after it may well exist.
          readUntil = numbers.indexOf(number) + 1;
        }
      }
    }
  }

  private @Nullable JobRecord job(ResultSet row) throws SQLException {
    JobKey key = new JobKey(row.getString(4), row.getString(5));
    JobRecord job = Rows.job(row, 1, key);
    if (job == null) {
      unreadable.put(row.getLong(3), key);
    }
    return job;
  }

  /** Whether the job of this number was read and cannot be. */
  boolean isUnreadable(long number) {
    return unreadable.containsKey(number);
  }

  /** Returns what is known of such a job; null if it is gone meanwhile. */
  @Nullable UnreadableJob unreadable(long number) throws SQLException {
    JobKey key = unreadable.get(number);
    return key == null ? null : new UnreadableRows(sql).find(key);
  }
}
