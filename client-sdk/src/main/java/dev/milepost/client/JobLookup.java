package dev.milepost.client;

import dev.milepost.v1.BatchGetJobsRequest;
import dev.milepost.v1.BatchGetJobsResponse;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobView;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Reads any number of jobs by their ids, as many with each call as fit into its response. */
final class JobLookup {
  private static final int MAX_IDS = 1_000;

  private final Calls calls;
  private final JobView view;
  private final Set<String> ids;
  private final Deque<String> left;
  private final Map<String, Job> found = new HashMap<>();
  private final List<String> missing = new ArrayList<>();
  private final List<String> unreadable = new ArrayList<>();
  private final CompletableFuture<FoundJobs> result = new CompletableFuture<>();

  JobLookup(Calls calls, Collection<String> ids, JobView view) {
    this.calls = calls;
    this.view = view;
    this.ids = new LinkedHashSet<>(ids);
    this.left = new ArrayDeque<>(this.ids);
  }

  CompletableFuture<FoundJobs> start() {
    next();
    return result;
  }

  private void next() {
    if (left.isEmpty()) {
      List<Job> jobs = ids.stream().map(found::get).filter(Objects::nonNull).toList();
      result.complete(new FoundJobs(jobs, missing, unreadable));
      return;
    }
    BatchGetJobsRequest.Builder request = BatchGetJobsRequest.newBuilder().setView(view);
    while (!left.isEmpty() && request.getJobIdsCount() < MAX_IDS) {
      request.addJobIds(left.remove());
    }
    CompletableFuture<BatchGetJobsResponse> call =
        calls.unary(JobServiceGrpc.getBatchGetJobsMethod(), request.build());
    Futures.cancelTogether(result, call);
    Futures.onDone(
        call,
        (response, thrown) -> {
          if (thrown != null) {
            result.completeExceptionally(Futures.unwrap(thrown));
          } else if (response != null && !result.isDone()) {
            answered(response);
          }
        });
  }

  private void answered(BatchGetJobsResponse response) {
    if (response.getOmittedJobIdsCount() > 0 && response.getJobsCount() == 0) {
      result.completeExceptionally(
          new JobException(
              Status.Code.INTERNAL,
              "The server returned none of the jobs that it was asked for, such as "
                  + response.getOmittedJobIds(0)
                  + ".",
              null));
      return;
    }
    response.getJobsList().forEach(job -> found.put(job.getId(), job));
    missing.addAll(response.getMissingJobIdsList());
    unreadable.addAll(response.getUnreadableJobIdsList());
    left.addAll(response.getOmittedJobIdsList());
    next();
  }
}
