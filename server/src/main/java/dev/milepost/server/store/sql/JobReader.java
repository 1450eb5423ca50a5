package dev.milepost.server.store.sql;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.DueJobs;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobPageBuilder;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobsByKey;
import dev.milepost.server.store.JobsByKeyBuilder;
import dev.milepost.storage.v1.JobRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads jobs. */
final class JobReader {
  private static final String BY_KEY =
      "SELECT record, " + Rows.SPEC + " FROM job WHERE tenant_id = ? AND id = ?";
  private static final String BY_KEY_AND_OWNER = BY_KEY + " AND user_id = ?";
  private static final String WAKING =
      """
      SELECT tenant_id, id, wake_micros FROM job %s
      WHERE wake_micros IS NOT NULL AND wake_micros >= ? ORDER BY wake_micros, job_no LIMIT ?
      """;

  private final Statements sql;

  /** A reader on this connection. */
  JobReader(Statements sql) {
    this.sql = sql;
  }

  /**
   * Reads jobs, in the order of the keys and without missing ones, as many as fit.
   *
   * @param owner user whose jobs are read; empty: of any user. The columns with the record of
   *     another user's job are not read
   */
  JobsByKey get(List<JobKey> keys, String owner, JobsByKeyBuilder found) throws SQLException {
    for (JobKey key : keys) {
      try (ResultSet row = byKey(key, owner).executeQuery()) {
        boolean exists = row.next();
        JobRecord job = exists ? Rows.job(row, 1, key) : null;
        if (job != null && !owner.isEmpty() && !owner.equals(job.getJob().getUserId())) {
          // The column is damaged: the job is that of another user.
          job = null;
        }
        if (exists && job == null) {
          found.addUnreadable(new UnreadableRows(sql).find(key));
        } else if (!found.add(job)) {
          break;
        }
      }
    }
    return found.build();
  }

  private PreparedStatement byKey(JobKey key, String owner) throws SQLException {
    return owner.isEmpty()
        ? sql.of(BY_KEY, key.tenantId(), key.jobId())
        : sql.of(BY_KEY_AND_OWNER, key.tenantId(), key.jobId(), owner);
  }

  /** Reads a page of jobs. */
  JobPage list(JobQuery query) throws SQLException {
    ListRanges ranges = new ListRanges(sql, query.filter(), query.newestFirst());
    JobPageBuilder page = new JobPageBuilder(query);
    long position = query.after().map(Long::parseLong).orElse(ranges.start());
    ranges.choose(position);
    int batch = query.limit();
    while (true) {
      JobSlice slice = ranges.next(position, batch);
      List<Long> numbers = slice.numbers();
      NumberedJobs jobs = new NumberedJobs(sql, numbers, query.newestFirst());
      for (int i = 0; i < numbers.size(); i++) {
        position = numbers.get(i);
        JobRecord job = jobs.at(i);
        boolean goesOn =
            jobs.isUnreadable(position)
                ? page.scanUnreadable(jobs.unreadable(position), position)
                : page.scan(job, position);
        if (!goesOn) {
          return page.page(!slice.isLast() || i < numbers.size() - 1);
        }
      }
      if (slice.isLast()) {
        return page.page(false);
      }
      position = slice.end();
      if (slice.texts() > 0 && !page.passTexts(slice.texts(), last(page, position), position)) {
        return page.page(true);
      }
      batch = Math.min(2 * batch, page.scannable());
    }
  }

  /** Returns a job if its creation time may end a page; otherwise null. */
  private @Nullable JobRecord last(JobPageBuilder page, long number) throws SQLException {
    return page.needsTimes() ? new NumberedJobs(sql, List.of(number), false).at(0) : null;
  }

  /** Finds the jobs whose wake time is between two times. */
  DueJobs due(Instant from, Instant until, int limit) throws SQLException {
    List<JobKey> keys = new ArrayList<>();
    String waking = WAKING.formatted(sql.dialect().index("job_to_wake"));
    try (ResultSet row = sql.of(waking, Rows.micros(from), limit + 1).executeQuery()) {
      while (row.next()) {
        Instant wake = Rows.instant(row.getLong(3));
        if (keys.size() == limit || wake.isAfter(until)) {
          return new DueJobs(keys, Optional.of(wake));
        }
        keys.add(new JobKey(row.getString(1), row.getString(2)));
      }
    }
    return new DueJobs(keys, Optional.empty());
  }
}
