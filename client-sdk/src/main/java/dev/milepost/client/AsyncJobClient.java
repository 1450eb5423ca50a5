package dev.milepost.client;

import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CancelJobResponse;
import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.CancelJobsResponse;
import dev.milepost.v1.CleanupJobsRequest;
import dev.milepost.v1.CleanupJobsResponse;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CountJobsResponse;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.DeleteJobResponse;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.GetJobResponse;
import dev.milepost.v1.GetOutcomeRequest;
import dev.milepost.v1.GetOutcomeResponse;
import dev.milepost.v1.GetProgressRequest;
import dev.milepost.v1.GetProgressResponse;
import dev.milepost.v1.GetTaskRequest;
import dev.milepost.v1.GetTaskResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.ListTaskDefinitionsRequest;
import dev.milepost.v1.ListTaskDefinitionsResponse;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.RetryFailedItemsRequest;
import dev.milepost.v1.RetryJobRequest;
import dev.milepost.v1.RetryJobResponse;
import dev.milepost.v1.Task;
import dev.milepost.v1.TaskDefinition;
import dev.milepost.v1.TaskServiceGrpc;
import dev.milepost.v1.UpdateJobResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The calls of {@link JobClient}, answered by futures. A future fails with the {@link JobException}
 * that the blocking twin would throw. Continuations run on the client's executor and must not block
 * it for long.
 */
public final class AsyncJobClient {
  private final ClientCore core;

  AsyncJobClient(ClientCore core) {
    this.core = core;
  }

  /** Creates a job that waits for a worker. */
  public CompletableFuture<JobHandle> create(JobSpec spec) {
    return create(spec, CreateOptions.defaults());
  }

  /** Creates a job that waits for a worker, with options. */
  public CompletableFuture<JobHandle> create(JobSpec spec, CreateOptions options) {
    return core.calls()
        .unary(JobServiceGrpc.getCreateJobMethod(), options.toRequest(spec).build())
        .thenApply(CreateJobResponse::getJob)
        .thenApply(job -> new JobHandle(core.client(), job.getId()));
  }

  /** The tasks that can be started, by name. */
  public CompletableFuture<List<TaskDefinition>> taskDefinitions() {
    return core.calls()
        .unary(
            TaskServiceGrpc.getListTaskDefinitionsMethod(),
            ListTaskDefinitionsRequest.getDefaultInstance())
        .thenApply(ListTaskDefinitionsResponse::getDefinitionsList);
  }

  /** Starts a task from the definition that the spec's type names. */
  public CompletableFuture<JobHandle> startTask(JobSpec spec, CreateOptions options) {
    return core.calls()
        .unary(TaskServiceGrpc.getStartTaskMethod(), options.toTaskRequest(spec))
        .thenApply(started -> new JobHandle(core.client(), started.getTask().getJob().getId()));
  }

  /** Reads a task with its steps. */
  public CompletableFuture<Task> task(String taskId) {
    GetTaskRequest request = GetTaskRequest.newBuilder().setJobId(taskId).build();
    return core.calls()
        .unary(TaskServiceGrpc.getGetTaskMethod(), request)
        .thenApply(GetTaskResponse::getTask);
  }

  /** Reads a job. */
  public CompletableFuture<Job> get(String jobId) {
    GetJobRequest request = GetJobRequest.newBuilder().setJobId(jobId).build();
    return core.calls()
        .unary(JobServiceGrpc.getGetJobMethod(), request)
        .thenApply(GetJobResponse::getJob);
  }

  /** Reads how far a job is. */
  public CompletableFuture<GetProgressResponse> progress(String jobId) {
    GetProgressRequest request = GetProgressRequest.newBuilder().setJobId(jobId).build();
    return core.calls().unary(JobServiceGrpc.getGetProgressMethod(), request);
  }

  /** Reads what came out of a job so far. */
  public CompletableFuture<GetOutcomeResponse> outcome(String jobId) {
    GetOutcomeRequest request = GetOutcomeRequest.newBuilder().setJobId(jobId).build();
    return core.calls().unary(JobServiceGrpc.getGetOutcomeMethod(), request);
  }

  /** Counts the jobs that match: all of them, and by group where groups are named. */
  public CompletableFuture<CountJobsResponse> count(JobFilter filter, JobGroup... groups) {
    CountJobsRequest request =
        CountJobsRequest.newBuilder()
            .setFilter(filter)
            .addAllGroupBy(Arrays.asList(groups))
            .build();
    return core.calls().unary(JobServiceGrpc.getCountJobsMethod(), request);
  }

  /** Cancels a job: at once where it waits, by asking its worker where it runs. */
  public CompletableFuture<Job> cancel(String jobId, String reason) {
    CancelJobRequest request =
        CancelJobRequest.newBuilder().setJobId(jobId).setReason(reason).build();
    return core.calls()
        .unary(JobServiceGrpc.getCancelJobMethod(), request)
        .thenApply(CancelJobResponse::getJob)
        .exceptionallyCompose(repeated(thrown -> jobIf(jobId, JobStates::isCancelled, thrown)));
  }

  /**
   * Cancels all jobs that match and have not finished; answers how many. Cancelling the future
   * stops it between two of its calls.
   */
  public CompletableFuture<Long> cancelJobs(JobFilter filter, String reason) {
    return new BulkChange<>(
            JobServiceGrpc.getCancelJobsMethod(),
            token ->
                CancelJobsRequest.newBuilder()
                    .setFilter(filter)
                    .setReason(reason)
                    .setPageToken(token)
                    .build(),
            CancelJobsResponse::getCount,
            CancelJobsResponse::getNextPageToken)
        .start(core.calls());
  }

  /** Deletes the finished jobs of a user whose end lies so far back; answers how many. */
  public CompletableFuture<Long> cleanupJobs(Duration olderThan, String userId) {
    if (userId.isEmpty()) {
      // For the server, no name is everybody's.
      throw new IllegalArgumentException("the user has no name");
    }
    return cleanup(CleanupJobsRequest.newBuilder().setUserId(userId), olderThan);
  }

  /** Deletes everybody's finished jobs whose end lies so far back; answers how many. */
  public CompletableFuture<Long> cleanupJobsOfAllOwners(Duration olderThan) {
    return cleanup(CleanupJobsRequest.newBuilder(), olderThan);
  }

  private CompletableFuture<Long> cleanup(CleanupJobsRequest.Builder whose, Duration olderThan) {
    CleanupJobsRequest request = whose.setOlderThan(Times.duration(olderThan)).build();
    return new BulkChange<>(
            JobServiceGrpc.getCleanupJobsMethod(),
            token -> request.toBuilder().setPageToken(token).build(),
            CleanupJobsResponse::getCount,
            CleanupJobsResponse::getNextPageToken)
        .start(core.calls());
  }

  /** Creates a job like a finished one that has only those of its items that failed. */
  public CompletableFuture<JobHandle> retryFailedItems(String jobId) {
    RetryFailedItemsRequest request =
        RetryFailedItemsRequest.newBuilder()
            .setJobId(jobId)
            .setRequestId(UUID.randomUUID().toString())
            .build();
    return core.calls()
        .unary(JobServiceGrpc.getRetryFailedItemsMethod(), request)
        .thenApply(made -> new JobHandle(core.client(), made.getJob().getId()));
  }

  /** Queues a failed or cancelled job again. */
  public CompletableFuture<Job> retry(String jobId) {
    RetryJobRequest request = RetryJobRequest.newBuilder().setJobId(jobId).build();
    return core.calls()
        .unary(JobServiceGrpc.getRetryJobMethod(), request)
        .thenApply(RetryJobResponse::getJob)
        .exceptionallyCompose(
            repeated(thrown -> jobIf(jobId, job -> !JobStates.isFinished(job), thrown)));
  }

  /** Deletes a job that waits or has finished. */
  public CompletableFuture<Void> delete(String jobId) {
    DeleteJobRequest request = DeleteJobRequest.newBuilder().setJobId(jobId).build();
    return core.calls()
        .unary(JobServiceGrpc.getDeleteJobMethod(), request)
        .exceptionallyCompose(
            repeated(
                thrown ->
                    thrown instanceof JobNotFoundException
                        ? CompletableFuture.completedFuture(DeleteJobResponse.getDefaultInstance())
                        : CompletableFuture.failedFuture(thrown)))
        .thenAccept(deleted -> {});
  }

  /** Changes what the owner may change. */
  public CompletableFuture<Job> update(String jobId, JobUpdate update) {
    return core.calls()
        .unary(JobServiceGrpc.getUpdateJobMethod(), update.toRequest(jobId))
        .thenApply(UpdateJobResponse::getJob);
  }

  /**
   * Waits until a job has finished, but not longer than this, and answers the job as it then is.
   */
  public CompletableFuture<Job> wait(String jobId, Duration timeout) {
    return new JobWait(core, jobId, timeout).start();
  }

  CompletableFuture<Page<Job>> listPage(JobFilter filter, String orderBy, String pageToken) {
    ListJobsRequest request =
        ListJobsRequest.newBuilder()
            .setFilter(filter)
            .setOrderBy(orderBy)
            .setPageToken(pageToken)
            .build();
    return core.calls()
        .unary(JobServiceGrpc.getListJobsMethod(), request)
        .thenApply(page -> new Page<>(page.getJobsList(), page.getNextPageToken()));
  }

  CompletableFuture<Page<Item>> itemsPage(String jobId, String pageToken) {
    ListItemsRequest request =
        ListItemsRequest.newBuilder().setJobId(jobId).setPageToken(pageToken).build();
    return core.calls()
        .unary(JobServiceGrpc.getListItemsMethod(), request)
        .thenApply(page -> new Page<>(page.getItemsList(), page.getNextPageToken()));
  }

  CompletableFuture<Page<JournalEntry>> journalPage(
      String jobId, LogLevel minLevel, String pageToken) {
    ListJournalRequest request =
        ListJournalRequest.newBuilder()
            .setJobId(jobId)
            .setMinLevel(minLevel)
            .setPageToken(pageToken)
            .build();
    return core.calls()
        .unary(JobServiceGrpc.getListJournalMethod(), request)
        .thenApply(page -> new Page<>(page.getEntriesList(), page.getNextPageToken()));
  }

  /** Only where an earlier try may have done it: what then looks like a refusal may be its echo. */
  private static <T> Function<Throwable, CompletableFuture<T>> repeated(
      Function<JobException, CompletableFuture<T>> recovery) {
    return thrown -> {
      Throwable cause = Futures.unwrap(thrown);
      return cause instanceof JobException e && e.afterUnansweredTry()
          ? recovery.apply(e)
          : CompletableFuture.failedFuture(cause);
    };
  }

  private CompletableFuture<Job> jobIf(String jobId, Predicate<Job> done, JobException thrown) {
    if (!(thrown instanceof JobStateException)) {
      return CompletableFuture.failedFuture(thrown);
    }
    return get(jobId)
        .thenCompose(
            job ->
                done.test(job)
                    ? CompletableFuture.completedFuture(job)
                    : CompletableFuture.failedFuture(thrown));
  }
}
