package dev.milepost.server.app;

import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.store.JobStore;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Counts the jobs that workers hold, in tenants where these are not too many. */
final class HeldJobs {
  /** Maximum number of jobs that are counted. */
  static final int MAX_JOBS = 1_000;

  private final JobStore store;

  HeldJobs(JobStore store) {
    this.store = store;
  }

  /**
   * Counts the running and cancelling jobs of a tenant by the name of their worker. Empty if they
   * are more than {@link #MAX_JOBS}.
   */
  CompletionStage<Optional<Map<String, Integer>>> byWorker(String tenantId) {
    JobFilter held =
        JobFilter.newBuilder()
            .setTenantId(tenantId)
            .addStates(JobState.JOB_STATE_RUNNING)
            .addStates(JobState.JOB_STATE_CANCELLING)
            .build();
    JobQuery query =
        new JobQuery(held, false, Optional.empty(), MAX_JOBS, JobQuery.MAX_BYTES, JobShape.OUTLINE);
    return store
        .list(query)
        .thenApply(
            page -> {
              if (page.next().isPresent()) {
                return Optional.empty();
              }
              Map<String, Integer> counts = new HashMap<>();
              for (JobRecord job : page.jobs()) {
                // A parent runs with its child jobs; no worker holds it.
                if (!job.getJob().getStatus().getWorkerId().isEmpty()) {
                  counts.merge(job.getJob().getStatus().getWorkerId(), 1, Integer::sum);
                }
              }
              return Optional.of(counts);
            });
  }
}
