package dev.milepost.client;

import dev.milepost.v1.CountJobsResponse;
import dev.milepost.v1.CreateJobsResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Task;
import dev.milepost.v1.TaskDefinition;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A connection to a Milepost server, or to several that share a store: creates, reads, steers,
 * watches and runs jobs.
 *
 * <p>Thread-safe; make one and share it. Calls block until answered; {@link #async()} has their
 * twins that do not, but for {@link #createBatch}. A call that the server does not answer is tried
 * again, with growing random waits, for as long as the builder's {@code callTimeout} says; this
 * never does a thing twice. Errors are {@link JobException}s: {@link InvalidRequestException},
 * {@link JobNotFoundException}, {@link JobStateException}, {@link AccessDeniedException}, {@link
 * LimitExceededException}, {@link ServerUnavailableException}; {@link CallInterruptedException}
 * where the thread is interrupted.
 */
public final class JobClient implements AutoCloseable {
  private final ClientCore core;
  private final AsyncJobClient async;

  JobClient(ClientCore core) {
    this.core = core;
    this.async = new AsyncJobClient(core);
  }

  /**
   * Connects to a server, or to several that share a store. The connection is made with the first
   * call, so that no server need be there yet.
   *
   * <p>Where there are several, calls go round those that the standard health service says are
   * well. What a server that goes leaves unfinished goes on at another: calls are tried again,
   * watches resume by position, reports go on after the last committed one.
   *
   * @param target one server: "host:port", or any target that gRPC knows. Several: a list,
   *     "a:7300,b:7300", or "dns:///name:7300" for all addresses of a name. Without TLS where every
   *     host is this machine
   * @throws IllegalArgumentException where an entry of a list is not "host:port"
   */
  public static JobClient connect(String target) {
    return builder(target).build();
  }

  /** Connects with settings; the target is that of {@link #connect}. */
  public static JobClientBuilder builder(String target) {
    return new JobClientBuilder(target);
  }

  /** The same calls, answered by futures. */
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
   * Creates a batch: as many jobs as its items need, 2,000 each, seen as one. None can be claimed
   * before all items are there; where the items cannot all be sent, nothing is left behind. A
   * stream that breaks begins anew, so the items must be there to be gone through again.
   *
   * <p>Blocks while they are sent, no faster than the server takes them; any number of them takes
   * the memory of a few thousand.
   *
   * @param spec what each of the jobs is to do
   * @param items at least one; those of one job need ids of their own
   * @return the batch; its progress is that of all its jobs together
   */
  public JobHandle createBatch(JobSpec spec, Iterable<Item> items) {
    return createBatch(spec, CreateOptions.defaults(), items);
  }

  /** Like {@link #createBatch(JobSpec, Iterable)}, with options. */
  public JobHandle createBatch(JobSpec spec, CreateOptions options, Iterable<Item> items) {
    CreateJobsResponse made = new BatchUpload(core, options.toRequest(spec).build(), items).send();
    return attach(made.getJob().getId());
  }

  /** The tasks that can be started, by name. */
  public List<TaskDefinition> taskDefinitions() {
    return Futures.join(async.taskDefinitions());
  }

  /**
   * Starts a task: the jobs of its steps follow one another by themselves.
   *
   * @param spec its type names the definition; its scope must not be set. All else but the owner's
   *     notes, expiry and webhook holds for each step
   * @return the task, which is a job: it ends with its last step, whose result it has
   */
  public JobHandle startTask(JobSpec spec) {
    return Futures.join(async.startTask(spec, CreateOptions.defaults()));
  }

  /** Like {@link #startTask(JobSpec)}, with options; items are those of the first step. */
  public JobHandle startTask(JobSpec spec, CreateOptions options) {
    return Futures.join(async.startTask(spec, options));
  }

  /** Reads a task with its steps. */
  public Task task(String taskId) {
    return Futures.join(async.task(taskId));
  }

  /**
   * Creates a job, starts it at once and does its work here, on the calling thread: reports,
   * heartbeats and the job's end are taken care of.
   *
   * <p>The job is one attempt of this process. Where it fails and has retries left, it is queued
   * again for workers; use {@code spec.maxRetries(0)} where there are none.
   *
   * @return the job after its end: SUCCEEDED
   * @throws JobFailedException where the handler threw an exception, which is then its cause
   * @throws JobCancelledException where the job was cancelled
   * @throws LeaseLostException where the server gave up on this attempt
   */
  public Job run(JobSpec spec, JobHandler handler) {
    return run(spec, CreateOptions.defaults(), handler);
  }

  /** Like {@link #run(JobSpec, JobHandler)}, with options. */
  public Job run(JobSpec spec, CreateOptions options, JobHandler handler) {
    return core.runner().run(spec, options, handler);
  }

  /** Follows a job that exists: a handle on it, made without asking the server. */
  public JobHandle attach(String jobId) {
    return new JobHandle(this, jobId);
  }

  /** Reads a job. */
  public Job get(String jobId) {
    return Futures.join(async.get(jobId));
  }

  /** Lists the jobs that match, newest first. Pages are read as they are needed. */
  public Iterable<Job> list(JobFilter filter) {
    return list(filter, "");
  }

  /**
   * Lists the jobs that match in an order: a field, then "asc" or "desc". By {@code create_time}
   * any number of jobs may match, by {@code update_time}, {@code end_time} and {@code priority}
   * 10,000.
   */
  public Iterable<Job> list(JobFilter filter, String orderBy) {
    return () -> new PagedIterator<>(token -> Futures.join(async.listPage(filter, orderBy, token)));
  }

  /** Like {@link #list(JobFilter)}, as a stream. */
  public Stream<Job> stream(JobFilter filter) {
    return StreamSupport.stream(list(filter).spliterator(), false);
  }

  /** Counts the jobs that match. */
  public long count(JobFilter filter) {
    return Futures.join(async.count(filter)).getTotal();
  }

  /** Counts the jobs that match, in groups. */
  public CountJobsResponse count(JobFilter filter, JobGroup... groups) {
    return Futures.join(async.count(filter, groups));
  }

  /**
   * Cancels a job: at once where it waits, by asking its worker where it runs.
   *
   * @param reason why, for people and for the worker; may be empty
   */
  public Job cancel(String jobId, String reason) {
    return Futures.join(async.cancel(jobId, reason));
  }

  /**
   * Cancels all jobs that match and have not finished: at once where they wait, by asking their
   * workers where they run. A filter that names no user means what it means for {@link
   * #list(JobFilter)}. Done in slices; a failure leaves those that were done, and repeating the
   * call does the rest.
   *
   * @param reason why, for people and for the workers; may be empty
   * @return how many were cancelled or asked to stop; after a call that had to be tried again it
   *     may be fewer than there were
   */
  public long cancelJobs(JobFilter filter, String reason) {
    return Futures.join(async.cancelJobs(filter, reason));
  }

  /**
   * Deletes the finished jobs of a user, of this client's tenant, whose end lies so far back, with
   * all that belongs to them. Done in slices; a failure leaves those that were done, and repeating
   * the call does the rest.
   *
   * @param olderThan not negative; {@link Duration#ZERO}: all that have ended
   * @param userId whose jobs
   * @return how many were deleted; after a call that had to be tried again it may be fewer than
   *     there were
   */
  public long cleanupJobs(Duration olderThan, String userId) {
    return Futures.join(async.cleanupJobs(olderThan, userId));
  }

  /**
   * Like {@link #cleanupJobs(Duration, String)}, for the jobs of everybody in all tenants, which
   * only an admin may.
   */
  public long cleanupJobsOfAllOwners(Duration olderThan) {
    return Futures.join(async.cleanupJobsOfAllOwners(olderThan));
  }

  /**
   * Creates a job like a finished one that has only those of its items that failed.
   *
   * @return the new job, which waits for a worker
   * @throws JobStateException where the job has not finished, or none of its items failed
   */
  public JobHandle retryFailedItems(String jobId) {
    return Futures.join(async.retryFailedItems(jobId));
  }

  /** Reads the items of a job as they are now, by id. Pages are read as they are needed. */
  public Iterable<Item> items(String jobId) {
    return () -> new PagedIterator<>(token -> Futures.join(async.itemsPage(jobId, token)));
  }

  /** Queues a failed or cancelled job again. */
  public Job retry(String jobId) {
    return Futures.join(async.retry(jobId));
  }

  /** Deletes a job that waits or has finished, with all that belongs to it. */
  public void delete(String jobId) {
    Futures.join(async.delete(jobId));
  }

  /** Changes what the owner may change. */
  public Job update(String jobId, JobUpdate update) {
    return Futures.join(async.update(jobId, update));
  }

  /**
   * Waits until a job has finished, but not longer than this, and answers the job as it then is.
   *
   * @throws ServerUnavailableException where the server cannot be reached at the end of the wait
   */
  public Job wait(String jobId, Duration timeout) {
    return Futures.join(async.wait(jobId, timeout));
  }

  /**
   * Reads the journal of a job as it is now, oldest entry first. Pages are read as they are needed.
   */
  public Iterable<JournalEntry> journal(String jobId) {
    return journal(jobId, LogLevel.LOG_LEVEL_UNSPECIFIED);
  }

  /** Like {@link #journal(String)}, with log lines of this level and above only. */
  public Iterable<JournalEntry> journal(String jobId, LogLevel minLevel) {
    return () ->
        new PagedIterator<>(token -> Futures.join(async.journalPage(jobId, minLevel, token)));
  }

  /** Watches a job from the beginning of its journal. */
  public JobWatch watch(String jobId) {
    return watch(jobId, WatchOptions.defaults());
  }

  /** Watches a job from after an entry of its journal. */
  public JobWatch watch(String jobId, long afterSequence) {
    return watch(jobId, WatchOptions.defaults().afterSequence(afterSequence));
  }

  /** Watches a job as the options say. Close the watch when done with it. */
  public JobWatch watch(String jobId, WatchOptions options) {
    return new JobWatch(core, jobId, options);
  }

  /** Watches all jobs that match a filter. Close the watch when done with it. */
  public JobListWatch watchJobs(JobFilter filter) {
    return new JobListWatch(core, filter);
  }

  /** A worker for this server, to be given its handlers and started. */
  public WorkerBuilder worker() {
    return new WorkerBuilder(this);
  }

  ClientCore core() {
    return core;
  }

  /**
   * Closes the connection. Jobs that still run here can no longer report; close workers first.
   * Watches end with an error.
   */
  @Override
  public void close() {
    core.close();
  }
}
