package dev.milepost.client;

import dev.milepost.v1.CleanupJobsRequest;
import dev.milepost.v1.JobFilter;
import java.time.Duration;

/** Which jobs {@link JobClient#cleanupJobs(CleanupOptions)} deletes. Immutable. */
public final class CleanupOptions {
  private final CleanupJobsRequest request;

  private CleanupOptions(CleanupJobsRequest request) {
    this.request = request;
  }

  /**
   * Selects the finished jobs of all users in all tenants, which only an admin may delete.
   *
   * @param age minimum time since the end of finished jobs, and since the creation of others; not
   *     negative
   */
  public static CleanupOptions olderThan(Duration age) {
    return new CleanupOptions(
        CleanupJobsRequest.newBuilder().setOlderThan(Times.duration(age)).build());
  }

  /** Selects the jobs that match a filter; it names a user, except for an admin. */
  public CleanupOptions filter(JobFilter filter) {
    return new CleanupOptions(request.toBuilder().setFilter(filter).build());
  }

  /** Selects queued jobs too. */
  public CleanupOptions includeQueued() {
    return new CleanupOptions(request.toBuilder().setIncludeQueued(true).build());
  }

  /** Cancels the running jobs that match. A later call deletes them. */
  public CleanupOptions cancelRunning() {
    return new CleanupOptions(request.toBuilder().setCancelRunning(true).build());
  }

  CleanupJobsRequest request() {
    return request;
  }
}
