package dev.milepost.client;

import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.DeleteJobsRequest;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.RetryJobsRequest;
import java.util.concurrent.CompletableFuture;

/** The calls of {@link BulkPreview} as futures. Thread-safe. */
public final class AsyncBulkPreview {
  private final BulkCalls bulk;

  AsyncBulkPreview(BulkCalls bulk) {
    this.bulk = bulk;
  }

  /** Counts the jobs that {@link AsyncJobClient#cancelJobs} would cancel or ask to stop. */
  public CompletableFuture<Long> cancelJobs(JobFilter filter) {
    CancelJobsRequest request =
        CancelJobsRequest.newBuilder().setFilter(filter).setValidateOnly(true).build();
    return Futures.map(bulk.cancel(request), BulkCount::count);
  }

  /** Counts the jobs that {@link AsyncJobClient#retryJobs} would queue again. */
  public CompletableFuture<Long> retryJobs(JobFilter filter) {
    RetryJobsRequest request =
        RetryJobsRequest.newBuilder().setFilter(filter).setValidateOnly(true).build();
    return Futures.map(bulk.retry(request), BulkCount::count);
  }

  /** Counts the jobs that {@link AsyncJobClient#deleteJobs} would delete, and leave alone. */
  public CompletableFuture<BulkCount> deleteJobs(JobFilter filter) {
    return bulk.delete(
        DeleteJobsRequest.newBuilder().setFilter(filter).setValidateOnly(true).build());
  }

  /**
   * Counts the jobs that {@link AsyncJobClient#cleanupJobs(CleanupOptions)} would delete and
   * cancel.
   */
  public CompletableFuture<BulkCount> cleanupJobs(CleanupOptions options) {
    return bulk.cleanup(options.request().toBuilder().setValidateOnly(true).build());
  }
}
