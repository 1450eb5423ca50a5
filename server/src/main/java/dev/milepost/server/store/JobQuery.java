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
 */
public record JobQuery(JobFilter filter, boolean newestFirst, Optional<String> after, int limit) {}
