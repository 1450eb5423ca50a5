package dev.milepost.server.store;

import dev.milepost.storage.v1.JobRecord;
import java.util.List;
import java.util.Optional;

/**
 * A page of jobs.
 *
 * @param jobs may be fewer than the limit, or none, even though more follow: one page scans a
 *     bounded number of jobs
 * @param unreadable jobs that were passed and may match, but cannot be read
 * @param next opaque position of the next page; empty at the end
 */
public record JobPage(List<JobRecord> jobs, List<UnreadableJob> unreadable, Optional<String> next) {
  /** A page of which every job could be read. */
  public JobPage(List<JobRecord> jobs, Optional<String> next) {
    this(jobs, List.of(), next);
  }
}
