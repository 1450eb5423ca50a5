package dev.milepost.server.store.sql;

import dev.milepost.storage.v1.JobRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Jobs by their numbers, read as they are asked for, from the first to the last. Where each
 * question has a way to go, some are asked for together; not all, since few may be needed and each
 * may be large.
 */
final class NumberedJobs {
  private static final int TOGETHER = 64;

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

  /** The job of the number at a place of the list; null where it is gone. */
  @Nullable JobRecord at(int place) throws SQLException {
    if (!sql.dialect().isRemote()) {
      PreparedStatement one = sql.of(ONE);
      one.setLong(1, numbers.get(place));
      try (ResultSet row = one.executeQuery()) {
        return row.next() ? Rows.job(row, 1) : null;
      }
    }
    if (place >= readUntil) {
      readFrom(place);
    }
    return ahead.get(numbers.get(place));
  }

  private void readFrom(int place) throws SQLException {
    readUntil = Math.min(numbers.size(), place + TOGETHER);
    ahead.clear();
    Object[] wanted = numbers.subList(place, readUntil).toArray();
    PreparedStatement some = sql.of(SOME);
    some.setArray(1, sql.connection().createArrayOf("bigint", wanted));
    try (ResultSet row = some.executeQuery()) {
      while (row.next()) {
        ahead.put(row.getLong(3), Rows.job(row, 1));
      }
    }
  }
}
