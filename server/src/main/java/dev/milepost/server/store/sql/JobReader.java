package dev.milepost.server.store.sql;

import dev.milepost.server.job.JobFilters;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.DueJobs;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.storage.v1.JobRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Reads jobs. */
final class JobReader {
  /** Jobs that one page scans. */
  private static final int SCAN = 2_000;

  private static final String BY_KEY =
      "SELECT status, " + Rows.SPEC + " FROM job WHERE tenant_id = ? AND id = ?";
  private static final String WAKING =
      """
      SELECT tenant_id, id, wake_micros FROM job %s
      WHERE wake_micros IS NOT NULL ORDER BY wake_micros, job_no LIMIT ?
      """;

  private final Statements sql;

  /** A reader on this connection. */
  JobReader(Statements sql) {
    this.sql = sql;
  }

  /** Reads jobs, in the order of the keys and without missing ones. */
  List<JobRecord> get(Collection<JobKey> keys) throws SQLException {
    List<JobRecord> found = new ArrayList<>(keys.size());
    for (JobKey key : keys) {
      try (ResultSet row = sql.of(BY_KEY, key.tenantId(), key.jobId()).executeQuery()) {
        if (row.next()) {
          found.add(Rows.job(row, 1));
        }
      }
    }
    return found;
  }

  /** Reads a page of jobs. */
  JobPage list(JobQuery query) throws SQLException {
    ListRanges ranges = new ListRanges(sql, query.filter(), query.newestFirst());
    long position = query.after().map(Long::parseLong).orElse(ranges.start());
    List<JobRecord> page = new ArrayList<>();
    int batch = query.limit();
    for (int scanned = 0; scanned < SCAN; batch = Math.min(2 * batch, SCAN - scanned)) {
      List<Long> numbers = ranges.next(position, batch + 1);
      boolean more = numbers.size() > batch;
      NumberedJobs jobs = new NumberedJobs(sql, more ? numbers.subList(0, batch) : numbers);
      for (int i = 0; i < Math.min(batch, numbers.size()); i++) {
        position = numbers.get(i);
        scanned++;
        JobRecord record = jobs.at(i);
        if (record == null) {
          continue;
        }
        if (JobFilters.isPassed(query.filter(), record.getJob(), query.newestFirst())) {
          return new JobPage(page, Optional.empty());
        }
        if (JobFilters.matches(query.filter(), record.getJob())) {
          page.add(record);
          if (page.size() == query.limit()) {
            boolean last = i == numbers.size() - 1;
            return new JobPage(page, last ? Optional.empty() : Optional.of("" + position));
          }
        }
      }
      if (!more) {
        return new JobPage(page, Optional.empty());
      }
    }
    return new JobPage(page, Optional.of("" + position));
  }

  /** Finds the jobs whose wake time has come. */
  DueJobs due(Instant now, int limit) throws SQLException {
    List<JobKey> keys = new ArrayList<>();
    String waking = WAKING.formatted(sql.dialect().index("job_to_wake"));
    try (ResultSet row = sql.of(waking, limit + 1).executeQuery()) {
      while (row.next()) {
        Instant wake = Rows.instant(row.getLong(3));
        if (keys.size() == limit || wake.isAfter(now)) {
          return new DueJobs(keys, Optional.of(wake));
        }
        keys.add(new JobKey(row.getString(1), row.getString(2)));
      }
    }
    return new DueJobs(keys, Optional.empty());
  }
}
