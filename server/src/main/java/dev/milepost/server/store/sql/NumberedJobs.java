package dev.milepost.server.store.sql;

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

  private static final String ONE = "SELECT status, " + Rows.SPEC + " FROM job WHERE job_no = ?";
  private static final String SOME =
      "SELECT status, " + Rows.SPEC + ", job_no FROM job WHERE job_no = ANY (?)";

  private final Statements sql;
  private final List<Long> numbers;
  private final Map<Long, JobRecord> ahead = new HashMap<>();
  private int readUntil;

  NumberedJobs(Statements sql, List<Long> numbers) {
    this.sql = sql;
    this.numbers = numbers;
  }

  /** Returns the job at an index of the list; null if it is gone. Indexes must not decrease. */
  @Nullable JobRecord at(int index) throws SQLException {
    if (!sql.dialect().isRemote()) {
      try (ResultSet row = sql.of(ONE, numbers.get(index)).executeQuery()) {
        return row.next() ? Rows.job(row, 1) : null;
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
    try (ResultSet row = sql.of(SOME, array).executeQuery()) {
      while (row.next()) {
        ahead.put(row.getLong(3), Rows.job(row, 1));
      }
    }
  }
}
