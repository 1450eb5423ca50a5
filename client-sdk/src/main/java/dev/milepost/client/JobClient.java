package dev.milepost.client;

import dev.milepost.v1.CountJobsResponse;
import dev.milepost.v1.CreateJobsResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobShare;
import dev.milepost.v1.JobView;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.ListTasksRequest;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.ShareJobResponse;
import dev.milepost.v1.Task;
import dev.milepost.v1.TaskDefinition;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A client of a Milepost server, or of several that share a store: creates, reads, changes, watches
 * and runs jobs.
 *
 * <p>Thread-safe; create one and share it. Calls block until the server responds; {@link #async()}
 * has the same calls as futures. A call without a response is retried, with increasing random
 * delays, within the builder's {@code callTimeout}; retries never repeat an effect. Errors are
 * {@link JobException}s: {@link InvalidRequestException}, {@link JobNotFoundException}, {@link
 * JobStateException}, {@link AccessDeniedException}, {@link LimitExceededException}, {@link
 * ServerUnavailableException}; {@link CallInterruptedException} if the thread is interrupted.
 */
public final class JobClient implements AutoCloseable {
  /** Effectively unlimited: the drain timeouts of the workers decide. */
  private static final Duration MAX_CLOSE_TIME = Duration.ofDays(365);

  private final ClientCore core;
  private final AsyncJobClient async;

  JobClient(ClientCore core) {
    this.core = core;
    this.async = new AsyncJobClient(core);
  }

  /**
   * Creates a client with default settings. It connects with its first call, so the server need not
   * be running yet.
   *
   * <p>With several servers, calls are spread over those that the standard health service reports
   * as serving. If a server goes away, another one takes over: calls are retried, watches resume at
   * their position, and reports continue after the last committed one.
   *
   * @param target one server: "host", "host:port", or any target that gRPC supports. Several
   *     servers: a list, "a:7300,b:7300", or "dns:///name:7300" for all addresses of a name. The
   *     port is 7300 if none is given. An IPv6 address may be in brackets, and must be if a number
   *     after its last colon is no port. Blanks around it are removed. TLS is off if all hosts are
   *     this machine, and on otherwise
   * @throws IllegalArgumentException if no client can use the target, such as a URL; the message
   *     says what to write
   */
  public static JobClient connect(String target) {
    return builder(target).build();
  }

  /**
   * Returns a builder for a client with other settings; for the target, see {@link #connect}.
   *
   * @throws IllegalArgumentException if no client can use the target
   */
  public static JobClientBuilder builder(String target) {
    return new JobClientBuilder(target);
  }

  /** Returns the same calls as futures. */
  public AsyncJobClient async() {
    return async;
  }

  /** Creates a job that waits for a worker. */
  public JobHandle create(JobSpec spec) {
    return Futures.join(async.create(spec));
  }

  /** Creates a job that waits for a worker, with options. */
  public JobHandle create(JobSpec spec, CreateOptions options) {
    return Futures.join(async.create(spec, options));
  }

  /**
   * Creates a batch: child jobs of at most 2,000 items each, presented as one job. No child can be
   * claimed before all items have arrived; if they cannot all be sent, the batch is removed. A
   * broken stream is restarted, so the iterable must allow several iterations.
   *
   * <p>Blocks while the items are sent, at the pace at which the server accepts them. Memory use
   * does not depend on their number: a few thousand items are held at a time.
   *
   * @param spec the spec of each child job
   * @param items at least one; ids must be unique within a child job
   * @return the batch, whose progress covers all its child jobs
   */
  public JobHandle createBatch(JobSpec spec, Iterable<Item> items) {
    return createBatch(spec, CreateOptions.defaults(), items);
  }

  /** Like {@link #createBatch(JobSpec, Iterable)}, with options. */
  public JobHandle createBatch(JobSpec spec, CreateOptions options, Iterable<Item> items) {
    CreateJobsResponse created =
        new BatchUpload(core, options.toRequest(spec).build(), items).send();
    return attach(created.getJob().getId());
  }

  /**
   * Returns who this client is to the server: what its credential proves, and what that allows.
   *
   * @throws AccessDeniedException if the server does not accept the credential
   */
  public CallerInfo caller() {
    return Futures.join(async.caller());
  }

  /** Returns what operators ask a server: its description, its workers, its numbers. */
  public AdminClient admin() {
    return new AdminClient(async.admin());
  }

  /** Lists the tasks that can be started, sorted by name. */
  public List<TaskDefinition> taskDefinitions() {
    return Futures.join(async.taskDefinitions());
  }

  /**
   * Starts a task: a parent job whose steps are child jobs that run one after another.
   *
   * @param spec its type names the task definition; its scope must be unset. All other settings
   *     apply to each step, except metadata, expiry and webhook, which apply to the task
   * @return the task's parent job; it ends with the last step and has that step's result
   */
  public JobHandle startTask(JobSpec spec) {
    return startTask(spec, CreateOptions.defaults());
  }

  /** Like {@link #startTask(JobSpec)}, with options; items go to the first step. */
  public JobHandle startTask(JobSpec spec, CreateOptions options) {
    return Futures.join(async.startTask(spec, options));
  }

  /** Reads a task and its steps. */
  public Task task(String taskId) {
    return Futures.join(async.task(taskId));
  }

  /** Lists the tasks that match a request, newest first. Pages are fetched as they are needed. */
  public Iterable<Task> tasks(ListTasksRequest request) {
    return () -> new PagedIterator<>(token -> async.tasksPage(request, token));
  }

  /**
   * Cancels a task: the step that runs, and those that follow.
   *
   * @param reason shown to people and to the worker; may be empty
   */
  public Task cancelTask(String taskId, String reason) {
    return Futures.join(async.cancelTask(taskId, reason));
  }

  /** Watches a task and its steps. Close the watch when done. */
  public TaskWatch watchTask(String taskId) {
    return async.watchTask(taskId);
  }

  /**
   * Creates a job, starts it at once and runs its handler on the calling thread. Reports,
   * heartbeats and the end of the job are handled automatically.
   *
   * <p>This runs one attempt only. If it fails and retries are left, the job is queued for workers;
   * use {@code spec.maxRetries(0)} if there are none.
   *
   * @return the job after it has succeeded
   * @throws JobFailedException if the handler threw an exception, which is its cause
   * @throws JobCancelledException if the job was cancelled
   * @throws LeaseLostException if the attempt lost its lease
   * @throws JobEndUnknownException if the work ended, but the server did not confirm it within the
   *     builder's {@code endTimeout}
   */
  public Job run(JobSpec spec, JobHandler handler) {
    return run(spec, CreateOptions.defaults(), handler);
  }

  /** Like {@link #run(JobSpec, JobHandler)}, with options. */
  public Job run(JobSpec spec, CreateOptions options, JobHandler handler) {
    return new LocalRunner(core).run(spec, options, handler);
  }

  /**
   * Creates a job that runs at once, and that the caller ends: for work that is not one method on
   * one thread. As with {@link #run(JobSpec, JobHandler)}, this is one attempt: if it fails and
   * retries are left, the job is queued for workers.
   */
  public StartedJob start(JobSpec spec) {
    return start(spec, CreateOptions.defaults());
  }

  /** Like {@link #start(JobSpec)}, with options. */
  public StartedJob start(JobSpec spec, CreateOptions options) {
    return Futures.join(async.start(spec, options));
  }

  /** Returns a handle for an existing job, without asking the server whether it exists. */
  public JobHandle attach(String jobId) {
    return new JobHandle(this, jobId);
  }

  /** Reads a job. */
  public Job get(String jobId) {
    return Futures.join(async.get(jobId));
  }

  /** Reads any number of jobs by their ids; repeated ids count once. */
  public FoundJobs getAll(Collection<String> jobIds) {
    return Futures.join(async.getAll(jobIds));
  }

  /** Lists the matching jobs, newest first. Pages are fetched as they are needed. */
  public Iterable<Job> list(JobFilter filter) {
    return list(filter, "");
  }

  /**
   * Lists the matching jobs in a given order. Pages are fetched as they are needed.
   *
   * @param orderBy a field followed by "asc" or "desc". The number of matching jobs is unlimited
   *     for {@code create_time}, and limited to 10,000 for {@code update_time}, {@code end_time}
   *     and {@code priority}
   */
  public Iterable<Job> list(JobFilter filter, String orderBy) {
    return list(filter, orderBy, JobView.JOB_VIEW_FULL);
  }

  /**
   * Lists the matching jobs in a given order, and shows as much of them as needed. Pages are
   * fetched as they are needed.
   *
   * @param orderBy as for {@link #list(JobFilter, String)}; empty: newest first
   * @param view {@code JOB_VIEW_BASIC} leaves out params and metadata, so that a page holds more
   *     jobs
   */
  public Iterable<Job> list(JobFilter filter, String orderBy, JobView view) {
    return () -> new PagedIterator<>(token -> async.listPage(filter, orderBy, view, token));
  }

  /** Like {@link #list(JobFilter)}, as a stream. */
  public Stream<Job> stream(JobFilter filter) {
    return StreamSupport.stream(list(filter).spliterator(), false);
  }

  /** Counts the matching jobs. */
  public long count(JobFilter filter) {
    return Futures.join(async.count(filter)).getTotal();
  }

  /** Counts the matching jobs: all of them, and for each value of the given groupings. */
  public CountJobsResponse count(JobFilter filter, JobGroup... groups) {
    return Futures.join(async.count(filter, groups));
  }

  /**
   * Cancels a job: a queued one at once, a running one by asking its worker to stop.
   *
   * @param reason shown to people and to the worker; may be empty
   */
  public Job cancel(String jobId, String reason) {
    return Futures.join(async.cancel(jobId, reason));
  }

  /**
   * Cancels all matching jobs that have not finished: queued ones at once, running ones by asking
   * their workers to stop. A filter without a user means what it means to {@link #list(JobFilter)}.
   * Works in slices: a failure keeps the slices already done, and repeating the call completes the
   * rest.
   *
   * @param reason shown to people and to the workers; may be empty
   * @return number of jobs cancelled or asked to stop; it may be too low if a call was retried
   */
  public long cancelJobs(JobFilter filter, String reason) {
    return Futures.join(async.cancelJobs(filter, reason));
  }

  /**
   * Queues all matching jobs that failed or were cancelled again, like {@link #retry}. The children
   * of a finished batch or task are retried with it. Works in slices: a failure keeps the slices
   * already done, and repeating the call completes the rest.
   *
   * @return number of jobs queued again; it may be too low if a call was retried
   */
  public long retryJobs(JobFilter filter) {
    return Futures.join(async.retryJobs(filter));
  }

  /**
   * Deletes all matching jobs that do not run, like {@link #delete}. Works in slices: a failure
   * keeps the slices already done, and repeating the call completes the rest.
   *
   * @param filter must set at least one field
   * @return number of deleted jobs; it may be too low if a call was retried
   */
  public long deleteJobs(JobFilter filter) {
    return Futures.join(async.deleteJobs(filter));
  }

  /**
   * Deletes matching jobs that finished at least this long ago. Works in slices, like {@link
   * #deleteJobs}.
   *
   * @param olderThan not negative; {@link Duration#ZERO}: all finished jobs
   * @param filter names a user, except for an admin
   * @return number of deleted jobs; it may be too low if a call was retried
   */
  public long cleanupJobs(Duration olderThan, JobFilter filter) {
    return Futures.join(async.cleanupJobs(olderThan, filter));
  }

  /**
   * Like {@link #cleanupJobs(Duration, JobFilter)}, with options; also returns what it cancelled.
   */
  public BulkCount cleanupJobs(CleanupOptions options) {
    return Futures.join(async.cleanupJobs(options));
  }

  /** Returns what counts the jobs that the bulk changes would change, and changes nothing. */
  public BulkPreview preview() {
    return new BulkPreview(async.preview());
  }

  /**
   * Deletes the jobs of a user of this client's tenant that finished at least this long ago. Works
   * in slices: a failure keeps the slices already done, and repeating the call completes the rest.
   *
   * @param olderThan not negative; {@link Duration#ZERO}: all finished jobs
   * @param userId owner of the jobs; not empty
   * @return number of deleted jobs; it may be too low if a call was retried
   */
  public long cleanupJobs(Duration olderThan, String userId) {
    return Futures.join(async.cleanupJobs(olderThan, userId));
  }

  /**
   * Like {@link #cleanupJobs(Duration, String)}, for the jobs of all users in all tenants. Admins
   * only.
   */
  public long cleanupJobsOfAllOwners(Duration olderThan) {
    return Futures.join(async.cleanupJobsOfAllOwners(olderThan));
  }

  /**
   * Creates a copy of a finished job that has only its failed items.
   *
   * @return the new job, which waits for a worker
   * @throws JobStateException if the job has not finished, or none of its items failed
   */
  public JobHandle retryFailedItems(String jobId) {
    return Futures.join(async.retryFailedItems(jobId));
  }

  /** Reads the current items of a job, sorted by id. Pages are fetched as they are needed. */
  public Iterable<Item> items(String jobId) {
    return () -> new PagedIterator<>(token -> async.itemsPage(jobId, token));
  }

  /** Queues a failed or cancelled job again. */
  public Job retry(String jobId) {
    return Futures.join(async.retry(jobId));
  }

  /** Deletes a queued or finished job, with its journal and items. */
  public void delete(String jobId) {
    Futures.join(async.delete(jobId));
  }

  /** Changes the parts of a job's spec that its owner may change. */
  public Job update(String jobId, JobUpdate update) {
    return Futures.join(async.update(jobId, update));
  }

  /**
   * Waits until a job has finished or the timeout has passed; returns the job in either case.
   *
   * @throws ServerUnavailableException if the server cannot be reached when the timeout has passed
   */
  public Job await(String jobId, Duration timeout) {
    return Futures.join(async.await(jobId, timeout));
  }

  /** Reads the current journal of a job, oldest entry first. Pages are fetched as needed. */
  public Iterable<JournalEntry> journal(String jobId) {
    return journal(jobId, JournalOptions.defaults());
  }

  /** Like {@link #journal(String)}, with only the log lines of this level and above. */
  public Iterable<JournalEntry> journal(String jobId, LogLevel minLevel) {
    return journal(jobId, JournalOptions.defaults().minLevel(minLevel));
  }

  /** Reads a part of the current journal of a job. Pages are fetched as needed. */
  public Iterable<JournalEntry> journal(String jobId, JournalOptions options) {
    return () -> new PagedIterator<>(token -> async.journalPage(jobId, options, token));
  }

  /** Watches a job from the start of its journal. Close the watch when done. */
  public JobWatch watch(String jobId) {
    return watch(jobId, WatchOptions.defaults());
  }

  /** Watches a job, starting after a journal entry. Close the watch when done. */
  public JobWatch watch(String jobId, long afterSequence) {
    return watch(jobId, WatchOptions.defaults().afterSequence(afterSequence));
  }

  /** Watches a job with options. Close the watch when done. */
  public JobWatch watch(String jobId, WatchOptions options) {
    return async.watch(jobId, options);
  }

  /** Watches all jobs that match a filter. Close the watch when done. */
  public JobListWatch watchJobs(JobFilter filter) {
    return watchJobs(filter, JobView.JOB_VIEW_FULL);
  }

  /**
   * Watches all jobs that match a filter, and shows as much of them as needed. Close the watch when
   * done.
   *
   * @param view {@code JOB_VIEW_BASIC} leaves out params and metadata
   */
  public JobListWatch watchJobs(JobFilter filter, JobView view) {
    return async.watchJobs(filter, view);
  }

  /**
   * Watches how far a job is: the current progress first, then each change. Close the watch when
   * done. The bearer of a {@link #shareJob} token may do this too.
   */
  public ProgressWatch watchProgress(String jobId) {
    return async.watchProgress(jobId);
  }

  /** See {@link AsyncJobClient#shareJob}. */
  public ShareJobResponse shareJob(String jobId, Duration lifetime, String label) {
    return Futures.join(async.shareJob(jobId, lifetime, label));
  }

  /** See {@link AsyncJobClient#shares}. */
  public List<JobShare> shares(String jobId) {
    return Futures.join(async.shares(jobId));
  }

  /** Revokes one share of a job: its token is refused from then on. */
  public void unshareJob(String jobId, String shareId) {
    Futures.join(async.unshareJob(jobId, shareId));
  }

  /** Revokes all shares of a job. */
  public void unshareJob(String jobId) {
    Futures.join(async.unshareJob(jobId));
  }

  /** Returns how reporting keeps up with the handlers of this client; cheap, for meters. */
  public ReportStatistics reportStatistics() {
    return core.reporting().unsent().statistics();
  }

  /** Returns a builder for a worker that uses this client. */
  public WorkerBuilder worker() {
    return new WorkerBuilder(this);
  }

  ClientCore core() {
    return core;
  }

  /**
   * Closes the client's workers, each within its own drain timeout, and then the connection. Other
   * jobs that still run in this client, such as those of {@link #run}, can no longer report; open
   * watches and calls fail with {@link ServerUnavailableException}, and so does each later call.
   *
   * <p>Nothing closes a client when the process is told to stop: call this from a shutdown hook, or
   * from where the application ends.
   */
  @Override
  public void close() {
    core.close(MAX_CLOSE_TIME);
  }

  /**
   * Like {@link #close()}, but takes no longer than the given time, whatever handlers do.
   *
   * @param timeout 0 or more
   */
  public void close(Duration timeout) {
    core.close(Checks.notNegative("timeout", timeout));
  }
}
