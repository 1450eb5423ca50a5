package dev.milepost.client;

import dev.milepost.v1.GetOutcomeResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.Progress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A job, followed from afar. Thread-safe; holds nothing but the id. Errors are those of {@link
 * JobClient}; {@link JobNotFoundException} where the job is not there or not to be seen.
 */
public final class JobHandle {
  /** As good as no limit, and small enough to be counted in nanoseconds. */
  private static final Duration FOR_EVER = Duration.ofDays(36_500);

  private final JobClient client;
  private final String id;

  JobHandle(JobClient client, String id) {
    this.client = client;
    this.id = id;
  }

  /** Id of the job. */
  public String id() {
    return id;
  }

  /** Reads the job. */
  public Job get() {
    return client.get(id);
  }

  /** Reads how far the job is. */
  public Progress progress() {
    return Futures.join(client.async().progress(id)).getProgress();
  }

  /** Reads what came out of the job so far: counters, result, error. */
  public GetOutcomeResponse outcome() {
    return Futures.join(client.async().outcome(id));
  }

  /**
   * Cancels the job: at once where it waits, by asking its worker where it runs.
   *
   * @param reason why, for people and for the worker; may be empty
   * @return the job: CANCELLED, or CANCELLING where a worker has yet to confirm
   */
  public Job cancel(String reason) {
    return client.cancel(id, reason);
  }

  /** Reads the items of the job as they are now, by id. Pages are read as they are needed. */
  public Iterable<Item> items() {
    return client.items(id);
  }

  /**
   * Creates a job like this one that has only those of its items that failed; this one must have
   * finished, and stays as it is.
   *
   * @return the new job, which waits for a worker
   * @throws JobStateException where the job has not finished, or none of its items failed
   */
  public JobHandle retryFailedItems() {
    return client.retryFailedItems(id);
  }

  /**
   * Waits, without limit and through outages, until the job has finished, and answers it, however
   * it ended.
   */
  public Job await() {
    return await(FOR_EVER);
  }

  /**
   * Waits until the job has finished, but not longer than this, and answers the job as it then is:
   * see its state.
   *
   * @throws ServerUnavailableException where the server cannot be reached at the end of the wait
   */
  public Job await(Duration timeout) {
    return client.wait(id, timeout);
  }

  /**
   * Waits until the job has finished and answers its result.
   *
   * @return the result; whole numbers are {@link Long}, others {@link Double}
   * @throws JobFailedException where it failed
   * @throws JobCancelledException where it was cancelled
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
   * A future that completes with the job once it has finished, however it ended. Cancelling it
   * stops the wait.
   */
  public CompletableFuture<Job> completion() {
    return client.async().wait(id, FOR_EVER);
  }

  /** Watches the job from the beginning of its journal. */
  public JobWatch watch() {
    return client.watch(id);
  }

  /** Watches the job as the options say. */
  public JobWatch watch(WatchOptions options) {
    return client.watch(id, options);
  }

  @Override
  public String toString() {
    return "JobHandle[" + id + "]";
  }
}
