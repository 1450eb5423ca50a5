package dev.milepost.client;

import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.CancelJobsResponse;
import dev.milepost.v1.CleanupJobsRequest;
import dev.milepost.v1.CleanupJobsResponse;
import dev.milepost.v1.DeleteJobsRequest;
import dev.milepost.v1.DeleteJobsResponse;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.RetryJobsRequest;
import dev.milepost.v1.RetryJobsResponse;
import java.util.concurrent.CompletableFuture;

/** Makes bulk changes, or counts what they would change. Thread-safe. */
final class BulkCalls {
  private final Calls calls;

  BulkCalls(Calls calls) {
    this.calls = calls;
  }

  CompletableFuture<BulkCount> cancel(CancelJobsRequest request) {
    return new BulkChange<>(
            JobServiceGrpc.getCancelJobsMethod(),
            token -> request.toBuilder().setPageToken(token).build(),
            response -> new BulkCount(response.getCount(), 0, 0),
            CancelJobsResponse::getNextPageToken)
        .start(calls);
  }

  CompletableFuture<BulkCount> retry(RetryJobsRequest request) {
    return new BulkChange<>(
            JobServiceGrpc.getRetryJobsMethod(),
            token -> request.toBuilder().setPageToken(token).build(),
            response -> new BulkCount(response.getCount(), 0, 0),
            RetryJobsResponse::getNextPageToken)
        .start(calls);
  }

  CompletableFuture<BulkCount> delete(DeleteJobsRequest request) {
    return new BulkChange<>(
            JobServiceGrpc.getDeleteJobsMethod(),
            token -> request.toBuilder().setPageToken(token).build(),
            response ->
                new BulkCount(
                    response.getCount(), response.getCancelledCount(), response.getSkippedCount()),
            DeleteJobsResponse::getNextPageToken)
        .start(calls);
  }

  CompletableFuture<BulkCount> cleanup(CleanupJobsRequest request) {
    return new BulkChange<>(
            JobServiceGrpc.getCleanupJobsMethod(),
            token -> request.toBuilder().setPageToken(token).build(),
            response -> new BulkCount(response.getCount(), response.getCancelledCount(), 0),
            CleanupJobsResponse::getNextPageToken)
        .start(calls);
  }
}
