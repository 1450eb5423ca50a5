package dev.milepost.server.store;

import dev.milepost.storage.v1.JobRecord;
import java.util.List;
import java.util.Optional;

/**
 * A page of jobs.
 *
 * @param jobs may be fewer than asked for, or none, though more follow: a page looks at a bounded
 *     number of jobs
 * @param next where the next page begins, in the store's own words; empty at the end
 */
public record JobPage(List<JobRecord> jobs, Optional<String> next) {}
