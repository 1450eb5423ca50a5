package dev.milepost.server.app;

import dev.milepost.server.access.Caller;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.workers.WorkerRecords;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.ExplainJobRequest;
import dev.milepost.v1.ExplainJobResponse;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Says why jobs are not claimed. Thread-safe. */
@Singleton
public final class JobExplanations {
  private final JobStore store;
  private final JobAccess access;
  private final WorkerRecords workers;
  private final HeldJobs held;

  @Inject
  public JobExplanations(JobStore store, JobAccess access, WorkerRecords workers) {
    this.store = store;
    this.access = access;
    this.workers = workers;
    this.held = new HeldJobs(store);
  }

  /** Explains a job that the caller can see. */
  public CompletionStage<ExplainJobResponse> explain(Caller caller, ExplainJobRequest request) {
    return access.read(caller, request.getJobId()).thenCompose(this::explain);
  }

  private CompletionStage<ExplainJobResponse> explain(JobRecord record) {
    Job job = record.getJob();
    if (job.getStatus().getState() != JobState.JOB_STATE_QUEUED || JobRecords.isParent(record)) {
      return CompletableFuture.completedStage(ClaimReasons.ofOther(record));
    }
    return parent(record)
        .thenCompose(
            parent ->
                workers
                    .workers(job.getTenantId())
                    .thenCombine(held.byWorker(job.getTenantId()), MatchedWorkers::new)
                    .thenCombine(
                        queued(job),
                        (known, queued) ->
                            ClaimReasons.ofQueued(
                                record, parent, known.of(job, store.clock().instant()), queued)));
  }

  /** Returns the parent of a child job that is held back; empty if it does not matter. */
  private CompletionStage<Optional<JobRecord>> parent(JobRecord record) {
    if (!record.getHeldBack() || !JobRecords.isChild(record)) {
      return CompletableFuture.completedStage(Optional.empty());
    }
    JobKey key = JobRecords.parentOf(record);
    return store.get(List.of(key)).thenApply(found -> found.jobs().stream().findFirst());
  }

  private CompletionStage<Long> queued(Job job) {
    JobFilter lane =
        JobFilter.newBuilder()
            .setTenantId(job.getTenantId())
            .addTypes(job.getSpec().getType())
            .setScope(job.getSpec().getScope())
            .addStates(JobState.JOB_STATE_QUEUED)
            .build();
    return store
        .count(new CountQuery(lane, Set.of()))
        .thenApply(counts -> counts.stream().mapToLong(JobCount::getCount).sum());
  }
}
