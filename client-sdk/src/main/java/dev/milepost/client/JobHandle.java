package dev.milepost.client;

import dev.milepost.v1.ExplainJobResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A handle to a job on the server. Thread-safe; holds only the job's id. Errors are those of {@link
 * JobClient}: {@link JobNotFoundException} if the job does not exist or the caller may not see it.
 */
public final class JobHandle {
  /** Effectively unlimited, but small enough to be counted in nanoseconds. */
  private static final Duration FOREVER = Duration.ofDays(36_500);

  private final JobClient client;
  private final String id;

  JobHandle(JobClient client, String id) {
    this.client = client;
    this.id = id;
  }

  /** Returns the job's id. */
  public String id() {
    return id;
  }

  /** Reads the job. */
  public Job get() {
    return client.get(id);
  }

  /** Reads the job, with the types of Java. */
  public JobInfo info() {
    return JobInfo.of(get());
  }

  /** Reads the log lines of the job, oldest first. Pages are fetched as they are needed. */
  public Iterable<LogLine> log() {
    return () ->
        StreamSupport.stream(
                client.journal(id, JournalOptions.defaults().logsOnly()).spliterator(), false)
            .flatMap(entry -> LogLine.of(entry).stream())
            .iterator();
  }

  /**
   * Asks why the job is not claimed: what holds it back, and who waits for jobs like it. Each
   * reason has a sentence for people.
   */
  public ExplainJobResponse explain() {
    return Futures.join(client.async().explain(id));
  }

  /** Reads how far the job is, and what it is doing. */
  public JobProgress progress() {
    return Futures.join(client.async().progress(id));
  }

  /** Reads the job's outcome so far: counters, result and error. */
  public JobOutcome outcome() {
    return Futures.join(client.async().outcome(id));
  }

  /**
   * Cancels the job: at once if it is queued, by asking its worker to stop if it is running.
   *
   * @param reason shown to people and to the worker; may be empty
   * @return the job: CANCELLED, or CANCELLING until its worker confirms
   */
  public Job cancel(String reason) {
    return client.cancel(id, reason);
  }

  /** Reads the job's current items, sorted by id. Pages are fetched as they are needed. */
  public Iterable<Item> items() {
    return client.items(id);
  }

  /**
   * Creates a copy of this finished job that has only its failed items. This job stays as it is.
   *
   * @return the new job, which waits for a worker
   * @throws JobStateException if the job has not finished, or none of its items failed
   */
  public JobHandle retryFailedItems() {
    return client.retryFailedItems(id);
  }

  /**
   * Waits until the job has finished, without a time limit and through outages; returns the job,
   * whatever its final state.
   */
  public Job await() {
    return await(FOREVER);
  }

  /**
   * Waits until the job has finished or the timeout has passed; returns the job in either case.
   *
   * @throws ServerUnavailableException if the server cannot be reached when the timeout has passed
   */
  public Job await(Duration timeout) {
    return client.await(id, timeout);
  }

  /**
   * Waits until the job has finished, without a time limit, and returns its result.
   *
   * @return the result, unmodifiable; whole numbers are {@link Long}, others {@link Double}
   * @throws JobFailedException if the job failed
   * @throws JobCancelledException if the job was cancelled
   */
  public Map<String, @Nullable Object> result() {
    Job job = await();
    JobState state = job.getStatus().getState();
    if (state == JobState.JOB_STATE_CANCELLED) {
      throw new JobCancelledException(job.getStatus().getCancel().getReason());
    } else if (state != JobState.JOB_STATE_SUCCEEDED) {
      throw new JobFailedException(job, null);
    }
    return Structs.map(job.getStatus().getResult());
  }

  /**
   * Returns a future that completes with the job once it has finished, whatever its final state.
   * Cancelling the future stops the wait.
   */
  public CompletableFuture<Job> completion() {
    return client.async().await(id, FOREVER);
  }

  /** Watches the job from the start of its journal. Close the watch when done. */
  public JobWatch watch() {
    return client.watch(id);
  }

  /** Watches the job with options. Close the watch when done. */
  public JobWatch watch(WatchOptions options) {
    return client.watch(id, options);
  }

  @Override
  public String toString() {
    return "JobHandle[" + id + "]";
  }
}
