package dev.milepost.server.store;

import dev.milepost.v1.JobFilter;
import java.util.Optional;

/**
 * Which jobs to list, and from where. Expired jobs are the caller's to leave out.
 *
 * @param filter as {@link dev.milepost.server.job.JobFilters} defines it; an empty tenant means all
 *     tenants
 * @param newestFirst by create time: newest first, else oldest first
 * @param after {@link JobPage#next()} of the page before; anything else may fail with an {@link
 *     IllegalArgumentException}
 * @param limit most jobs, 1 to 1,000
 */
public record JobQuery(JobFilter filter, boolean newestFirst, Optional<String> after, int limit) {}
