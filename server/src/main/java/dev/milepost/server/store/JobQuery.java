package dev.milepost.server.store;

import dev.milepost.v1.JobFilter;
import java.util.Optional;

/**
 * Which jobs to list, and from where. The caller leaves out expired jobs.
 *
 * @param filter as {@link dev.milepost.server.job.JobFilters} defines it; an empty tenant means all
 *     tenants
 * @param newestFirst order by create time: newest first, else oldest first
 * @param after {@link JobPage#next()} of the previous page; anything else may fail with an {@link
 *     IllegalArgumentException}
 * @param limit maximum number of jobs, 1 to 1,000
 * @param maxBytes maximum size of the page's jobs in their shape; the first one may be larger. The
 *     store reads no further
 * @param shape what the page keeps of each job
 */
public record JobQuery(
    JobFilter filter,
    boolean newestFirst,
    Optional<String> after,
    int limit,
    long maxBytes,
    JobShape shape) {
  /** Bytes that a read holds at a time, unless it needs less. */
  public static final long MAX_BYTES = 4 << 20;

  /** A query for whole jobs. */
  public JobQuery(JobFilter filter, boolean newestFirst, Optional<String> after, int limit) {
    this(filter, newestFirst, after, limit, MAX_BYTES, JobShape.WHOLE);
  }
}
