package dev.milepost.client;

import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CancelJobResponse;
import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.CancelTaskRequest;
import dev.milepost.v1.CancelTaskResponse;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CountJobsResponse;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.DeleteJobResponse;
import dev.milepost.v1.DeleteJobsRequest;
import dev.milepost.v1.ExplainJobRequest;
import dev.milepost.v1.ExplainJobResponse;
import dev.milepost.v1.GetCallerRequest;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.GetJobResponse;
import dev.milepost.v1.GetOutcomeRequest;
import dev.milepost.v1.GetProgressRequest;
import dev.milepost.v1.GetTaskRequest;
import dev.milepost.v1.GetTaskResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobShare;
import dev.milepost.v1.JobView;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListSharesRequest;
import dev.milepost.v1.ListSharesResponse;
import dev.milepost.v1.ListTaskDefinitionsRequest;
import dev.milepost.v1.ListTaskDefinitionsResponse;
import dev.milepost.v1.ListTasksRequest;
import dev.milepost.v1.RetryFailedItemsRequest;
import dev.milepost.v1.RetryJobRequest;
import dev.milepost.v1.RetryJobResponse;
import dev.milepost.v1.RetryJobsRequest;
import dev.milepost.v1.ShareJobRequest;
import dev.milepost.v1.ShareJobResponse;
import dev.milepost.v1.Task;
import dev.milepost.v1.TaskDefinition;
import dev.milepost.v1.TaskServiceGrpc;
import dev.milepost.v1.UnshareJobRequest;
import dev.milepost.v1.UpdateJobResponse;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The calls of {@link JobClient} as futures. Thread-safe.
 *
 * <p>A future fails with the {@link JobException} itself that the blocking call would throw, so
 * that {@code exceptionally}, {@code handle} and {@code whenComplete} get it without a {@link
 * java.util.concurrent.CompletionException} around it. Cancelling a future cancels its call. Wrong
 * arguments are thrown at once. Continuations run on the client's threads and must not block them;
 * use the {@code Async} methods of the future with an executor of your own for work that blocks.
 *
 * <p>Lists are read page by page: pass the {@code nextToken} of a page to get the next one; the
 * empty string stands for the first page.
 */
public final class AsyncJobClient {
  private final ClientCore core;
  private final BulkCalls bulk;

  AsyncJobClient(ClientCore core) {
    this.core = core;
    this.bulk = new BulkCalls(core.calls());
  }

  /** Creates a job that waits for a worker. */
  public CompletableFuture<JobHandle> create(JobSpec spec) {
    return create(spec, CreateOptions.defaults());
  }

  /** Creates a job that waits for a worker, with options. */
  public CompletableFuture<JobHandle> create(JobSpec spec, CreateOptions options) {
    return Futures.map(
        call(JobServiceGrpc.getCreateJobMethod(), options.toRequest(spec).build()),
        created -> handle(created.getJob()));
  }

  /** Creates a job that runs at once, and that the caller ends. */
  public CompletableFuture<StartedJob> start(JobSpec spec) {
    return start(spec, CreateOptions.defaults());
  }

  /** Creates a job that runs at once, and that the caller ends, with options. */
  public CompletableFuture<StartedJob> start(JobSpec spec, CreateOptions options) {
    return Futures.map(JobStart.create(core, spec, options), DefaultStartedJob::new);
  }

  /**
   * Creates a batch, as {@link JobClient#createBatch(JobSpec, CreateOptions, Iterable)} does. The
   * items are iterated over on a thread that is started for this call, at the pace at which the
   * server accepts them. Cancelling the future removes the batch, unless it is complete by then.
   */
  public CompletableFuture<JobHandle> createBatch(
      JobSpec spec, CreateOptions options, Iterable<Item> items) {
    BatchUpload upload = new BatchUpload(core, options.toRequest(spec).build(), items);
    return Futures.map(upload.start(), created -> handle(created.getJob()));
  }

  /** Lists the tasks that can be started, sorted by name. */
  public CompletableFuture<List<TaskDefinition>> taskDefinitions() {
    return Futures.map(
        call(
            TaskServiceGrpc.getListTaskDefinitionsMethod(),
            ListTaskDefinitionsRequest.getDefaultInstance()),
        ListTaskDefinitionsResponse::getDefinitionsList);
  }

  /** Starts the task whose definition is named by the spec's type. */
  public CompletableFuture<JobHandle> startTask(JobSpec spec, CreateOptions options) {
    return Futures.map(
        call(TaskServiceGrpc.getStartTaskMethod(), options.toTaskRequest(spec)),
        started -> handle(started.getTask().getJob()));
  }

  /** Reads a task and its steps. */
  public CompletableFuture<Task> task(String taskId) {
    GetTaskRequest request = GetTaskRequest.newBuilder().setJobId(taskId).build();
    return Futures.map(call(TaskServiceGrpc.getGetTaskMethod(), request), GetTaskResponse::getTask);
  }

  /** Reads a page of the tasks that match a request, newest first. */
  public CompletableFuture<Page<Task>> tasksPage(ListTasksRequest request, String pageToken) {
    return Futures.map(
        call(
            TaskServiceGrpc.getListTasksMethod(),
            request.toBuilder().setPageToken(pageToken).build()),
        page -> new Page<>(page.getTasksList(), page.getNextPageToken()));
  }

  /** Cancels a task: the step that runs, and those that follow. */
  public CompletableFuture<Task> cancelTask(String taskId, String reason) {
    CancelTaskRequest request =
        CancelTaskRequest.newBuilder().setJobId(taskId).setReason(reason).build();
    return Futures.map(
        call(TaskServiceGrpc.getCancelTaskMethod(), request), CancelTaskResponse::getTask);
  }

  /** Watches a task and its steps. Subscribe to the watch, and close it when done. */
  public TaskWatch watchTask(String taskId) {
    return new TaskWatch(core, taskId);
  }

  /** Reads a job. */
  public CompletableFuture<Job> get(String jobId) {
    GetJobRequest request = GetJobRequest.newBuilder().setJobId(jobId).build();
    return Futures.map(call(JobServiceGrpc.getGetJobMethod(), request), GetJobResponse::getJob);
  }

  /** Reads any number of jobs by their ids; repeated ids count once. */
  public CompletableFuture<FoundJobs> getAll(Collection<String> jobIds) {
    return getAll(jobIds, JobView.JOB_VIEW_FULL);
  }

  /**
   * Reads any number of jobs by their ids; repeated ids count once.
   *
   * @param view {@code JOB_VIEW_BASIC} leaves out params and metadata
   */
  public CompletableFuture<FoundJobs> getAll(Collection<String> jobIds, JobView view) {
    return new JobLookup(core.calls(), jobIds, view).start();
  }

  /** Asks why a job is not claimed: what holds it back, and who waits for jobs like it. */
  public CompletableFuture<ExplainJobResponse> explain(String jobId) {
    ExplainJobRequest request = ExplainJobRequest.newBuilder().setJobId(jobId).build();
    return call(JobServiceGrpc.getExplainJobMethod(), request);
  }

  /** Returns who this client is to the server: what its credential proves, and what that allows. */
  public CompletableFuture<CallerInfo> caller() {
    return Futures.map(
        call(JobServiceGrpc.getGetCallerMethod(), GetCallerRequest.getDefaultInstance()),
        CallerInfo::of);
  }

  /** Returns what operators ask a server. */
  public AsyncAdminClient admin() {
    return new AsyncAdminClient(core.calls());
  }

  /** Reads how far a job is, and what it is doing. */
  public CompletableFuture<JobProgress> progress(String jobId) {
    GetProgressRequest request = GetProgressRequest.newBuilder().setJobId(jobId).build();
    return Futures.map(call(JobServiceGrpc.getGetProgressMethod(), request), JobProgress::of);
  }

  /**
   * Creates a token that lets its bearer see the progress of a job, and nothing else.
   *
   * @param lifetime how long the token is valid, 1 minute to 30 days
   * @param label what it is for; may be empty
   */
  public CompletableFuture<ShareJobResponse> shareJob(
      String jobId, Duration lifetime, String label) {
    ShareJobRequest request =
        ShareJobRequest.newBuilder()
            .setJobId(jobId)
            .setLifetime(Times.duration(lifetime))
            .setLabel(label)
            .setRequestId(UUID.randomUUID().toString())
            .build();
    return call(JobServiceGrpc.getShareJobMethod(), request);
  }

  /** Lists the shares of a job that have not expired, without their tokens. */
  public CompletableFuture<List<JobShare>> shares(String jobId) {
    ListSharesRequest request = ListSharesRequest.newBuilder().setJobId(jobId).build();
    return Futures.map(
        call(JobServiceGrpc.getListSharesMethod(), request), ListSharesResponse::getSharesList);
  }

  /** Revokes one share of a job: its token is refused from then on. */
  public CompletableFuture<@Nullable Void> unshareJob(String jobId, String shareId) {
    return unshare(UnshareJobRequest.newBuilder().setJobId(jobId).setShareId(shareId));
  }

  /** Revokes all shares of a job. */
  public CompletableFuture<@Nullable Void> unshareJob(String jobId) {
    return unshare(UnshareJobRequest.newBuilder().setJobId(jobId).setAll(true));
  }

  private CompletableFuture<@Nullable Void> unshare(UnshareJobRequest.Builder request) {
    return done(call(JobServiceGrpc.getUnshareJobMethod(), request.build()));
  }

  /** Reads the outcome of a job so far: counters, result and error. */
  public CompletableFuture<JobOutcome> outcome(String jobId) {
    GetOutcomeRequest request = GetOutcomeRequest.newBuilder().setJobId(jobId).build();
    return Futures.map(call(JobServiceGrpc.getGetOutcomeMethod(), request), JobOutcome::of);
  }

  /** Counts the matching jobs: all of them, and for each value of the given groupings. */
  public CompletableFuture<CountJobsResponse> count(JobFilter filter, JobGroup... groups) {
    CountJobsRequest request =
        CountJobsRequest.newBuilder()
            .setFilter(filter)
            .addAllGroupBy(Arrays.asList(groups))
            .build();
    return call(JobServiceGrpc.getCountJobsMethod(), request);
  }

  /** Cancels a job: a queued one at once, a running one by asking its worker to stop. */
  public CompletableFuture<Job> cancel(String jobId, String reason) {
    CancelJobRequest request =
        CancelJobRequest.newBuilder().setJobId(jobId).setReason(reason).build();
    return Futures.recover(
        Futures.map(call(JobServiceGrpc.getCancelJobMethod(), request), CancelJobResponse::getJob),
        ifRetried(thrown -> jobIf(jobId, JobStates::isCancelled, thrown)));
  }

  /**
   * Cancels all matching jobs that have not finished; returns their number. Cancelling the future
   * stops the bulk change before its next call.
   */
  public CompletableFuture<Long> cancelJobs(JobFilter filter, String reason) {
    CancelJobsRequest request =
        CancelJobsRequest.newBuilder().setFilter(filter).setReason(reason).build();
    return Futures.map(bulk.cancel(request), BulkCount::count);
  }

  /** Queues all matching jobs that failed or were cancelled again; returns their number. */
  public CompletableFuture<Long> retryJobs(JobFilter filter) {
    RetryJobsRequest request = RetryJobsRequest.newBuilder().setFilter(filter).build();
    return Futures.map(bulk.retry(request), BulkCount::count);
  }

  /** Deletes all matching jobs that do not run; returns their number. */
  public CompletableFuture<Long> deleteJobs(JobFilter filter) {
    DeleteJobsRequest request = DeleteJobsRequest.newBuilder().setFilter(filter).build();
    return Futures.map(bulk.delete(request), BulkCount::count);
  }

  /** Deletes the jobs of a user that finished at least this long ago; returns their number. */
  public CompletableFuture<Long> cleanupJobs(Duration olderThan, String userId) {
    if (userId.isEmpty()) {
      // To the server, no user means all users.
      throw new IllegalArgumentException("the user id must not be empty");
    }
    return cleanupJobs(olderThan, JobFilter.newBuilder().setUserId(userId).build());
  }

  /** Deletes all users' jobs that finished at least this long ago; returns their number. */
  public CompletableFuture<Long> cleanupJobsOfAllOwners(Duration olderThan) {
    return cleanupJobs(olderThan, JobFilter.getDefaultInstance());
  }

  /** Deletes matching jobs that finished at least this long ago; returns their number. */
  public CompletableFuture<Long> cleanupJobs(Duration olderThan, JobFilter filter) {
    return Futures.map(
        bulk.cleanup(CleanupOptions.olderThan(olderThan).filter(filter).request()),
        BulkCount::count);
  }

  /** Deletes jobs, and cancels them, as the options say. */
  public CompletableFuture<BulkCount> cleanupJobs(CleanupOptions options) {
    return bulk.cleanup(options.request());
  }

  /** Returns what counts the jobs that the bulk changes would change. */
  public AsyncBulkPreview preview() {
    return new AsyncBulkPreview(bulk);
  }

  /** Creates a copy of a finished job that has only its failed items. */
  public CompletableFuture<JobHandle> retryFailedItems(String jobId) {
    RetryFailedItemsRequest request =
        RetryFailedItemsRequest.newBuilder()
            .setJobId(jobId)
            .setRequestId(UUID.randomUUID().toString())
            .build();
    return Futures.map(
        call(JobServiceGrpc.getRetryFailedItemsMethod(), request),
        created -> handle(created.getJob()));
  }

  /** Queues a failed or cancelled job again. */
  public CompletableFuture<Job> retry(String jobId) {
    RetryJobRequest request = RetryJobRequest.newBuilder().setJobId(jobId).build();
    return Futures.recover(
        Futures.map(call(JobServiceGrpc.getRetryJobMethod(), request), RetryJobResponse::getJob),
        ifRetried(thrown -> jobIf(jobId, job -> !JobStates.isFinished(job), thrown)));
  }

  /** Deletes a queued or finished job. */
  public CompletableFuture<@Nullable Void> delete(String jobId) {
    DeleteJobRequest request = DeleteJobRequest.newBuilder().setJobId(jobId).build();
    return done(
        Futures.recover(
            call(JobServiceGrpc.getDeleteJobMethod(), request),
            ifRetried(
                thrown ->
                    thrown instanceof JobNotFoundException
                        ? CompletableFuture.completedFuture(DeleteJobResponse.getDefaultInstance())
                        : CompletableFuture.failedFuture(thrown))));
  }

  /** Changes the parts of a job's spec that its owner may change. */
  public CompletableFuture<Job> update(String jobId, JobUpdate update) {
    return Futures.map(
        call(JobServiceGrpc.getUpdateJobMethod(), update.toRequest(jobId)),
        UpdateJobResponse::getJob);
  }

  /** Waits until a job has finished or the timeout has passed; returns the job in either case. */
  public CompletableFuture<Job> await(String jobId, Duration timeout) {
    return new JobWait(core, jobId, timeout).start();
  }

  /**
   * Reads a page of the matching jobs.
   *
   * @param orderBy as for {@link JobClient#list(JobFilter, String)}; empty: newest first
   */
  public CompletableFuture<Page<Job>> listPage(
      JobFilter filter, String orderBy, JobView view, String pageToken) {
    ListJobsRequest request =
        ListJobsRequest.newBuilder()
            .setFilter(filter)
            .setOrderBy(orderBy)
            .setView(view)
            .setPageToken(pageToken)
            .build();
    return Futures.map(
        call(JobServiceGrpc.getListJobsMethod(), request),
        page -> new Page<>(page.getJobsList(), page.getNextPageToken()));
  }

  /** Reads a page of a job's items, sorted by id. */
  public CompletableFuture<Page<Item>> itemsPage(String jobId, String pageToken) {
    ListItemsRequest request =
        ListItemsRequest.newBuilder().setJobId(jobId).setPageToken(pageToken).build();
    return Futures.map(
        call(JobServiceGrpc.getListItemsMethod(), request),
        page -> new Page<>(page.getItemsList(), page.getNextPageToken()));
  }

  /** Reads a page of a job's journal. */
  public CompletableFuture<Page<JournalEntry>> journalPage(
      String jobId, JournalOptions options, String pageToken) {
    return Futures.map(
        call(JobServiceGrpc.getListJournalMethod(), options.request(jobId, pageToken)),
        page -> new Page<>(page.getEntriesList(), page.getNextPageToken()));
  }

  /** Watches a job. Subscribe to the watch, and close it when done. */
  public JobWatch watch(String jobId, WatchOptions options) {
    return new JobWatch(core, jobId, options);
  }

  /** Watches all jobs that match a filter. Subscribe to the watch, and close it when done. */
  public JobListWatch watchJobs(JobFilter filter, JobView view) {
    return new JobListWatch(core, filter, view);
  }

  /** Watches how far a job is. Subscribe to the watch, and close it when done. */
  public ProgressWatch watchProgress(String jobId) {
    return new ProgressWatch(core, jobId);
  }

  private <Q, R> CompletableFuture<R> call(MethodDescriptor<Q, R> method, Q request) {
    return core.calls().unary(method, request);
  }

  private static CompletableFuture<@Nullable Void> done(CompletableFuture<?> call) {
    return Futures.map(call, response -> null);
  }

  private JobHandle handle(Job job) {
    return new JobHandle(core.client(), job.getId());
  }

  /**
   * Recovers only if an earlier, unanswered try of the same call may have succeeded: then what
   * looks like a rejection may be the effect of that try.
   */
  private static <T> Function<Throwable, CompletableFuture<T>> ifRetried(
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
    return Futures.compose(
        get(jobId),
        job ->
            done.test(job)
                ? CompletableFuture.completedFuture(job)
                : CompletableFuture.failedFuture(thrown));
  }
}
