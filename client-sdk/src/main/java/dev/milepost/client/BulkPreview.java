package dev.milepost.client;

import dev.milepost.v1.JobFilter;

/**
 * Counts what the bulk changes of {@link JobClient} would change now, and changes nothing. Goes
 * through all matching jobs, slice by slice. Thread-safe.
 */
public final class BulkPreview {
  private final AsyncBulkPreview async;

  BulkPreview(AsyncBulkPreview async) {
    this.async = async;
  }

  /** Counts the jobs that {@link JobClient#cancelJobs} would cancel or ask to stop. */
  public long cancelJobs(JobFilter filter) {
    return Futures.join(async.cancelJobs(filter));
  }

  /** Counts the jobs that {@link JobClient#retryJobs} would queue again. */
  public long retryJobs(JobFilter filter) {
    return Futures.join(async.retryJobs(filter));
  }

  /** Counts the jobs that {@link JobClient#deleteJobs} would delete, and leave alone. */
  public BulkCount deleteJobs(JobFilter filter) {
    return Futures.join(async.deleteJobs(filter));
  }

  /** Counts the jobs that {@link JobClient#cleanupJobs(CleanupOptions)} would delete and cancel. */
  public BulkCount cleanupJobs(CleanupOptions options) {
    return Futures.join(async.cleanupJobs(options));
  }
}
