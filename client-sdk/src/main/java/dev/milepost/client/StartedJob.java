package dev.milepost.client;

import dev.milepost.v1.Job;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A running job that code holds and ends itself, for work that is not one method on one thread:
 * asynchronous, reactive or event-driven code. Thread-safe: any thread may report and end it.
 *
 * <pre>{@code
 * StartedJob job = client.start(JobSpec.of("import"));
 * job.onCancel(reader::stop);
 * reader.read(line -> job.logger().incrementProgress())
 *     .thenCompose(lines -> job.complete(Map.of("lines", lines)))
 *     .exceptionallyCompose(job::fail);
 * }</pre>
 *
 * <p>Its lease is renewed in the background until it ends, however long nothing is reported. So end
 * it in every case: with {@link #complete()}, {@link #fail}, {@link #confirmCancel}, {@link
 * #release} or {@link #close}. The first of them decides; later ones change nothing and return its
 * result. A job that is forgotten without an end is ended as {@code close} does when the garbage
 * collector finds it, unless something of the client still refers to it, such as an action of
 * {@link #onCancel}. When the client is closed, jobs that have not ended lose their lease, and are
 * retried or fail as after a crash.
 *
 * <p>Ends do not wait for the server: their futures complete with the job after its end, and fail
 * with {@link LeaseLostException} if the lease was lost, or {@link JobEndUnknownException} if the
 * server did not confirm the end within the client's {@code endTimeout}. Everything that was
 * reported before is committed with the end; what is reported later is dropped.
 */
public interface StartedJob extends JobContext, AutoCloseable {
  /** The code of the error of a job that was closed before it was ended. */
  String NOT_COMPLETED = "NOT_COMPLETED";

  /** Completes the job, with the result set before, if any. */
  CompletableFuture<Job> complete();

  /**
   * Completes the job with a result.
   *
   * @throws IllegalArgumentException as {@link #result} does; then the job has not ended
   */
  default CompletableFuture<Job> complete(Map<String, ?> result) {
    result(result);
    return complete();
  }

  /**
   * Ends the job as if a handler had thrown this: fails the attempt, which is retried if retries
   * are left and the exception allows it; confirms the cancel if there was one and this is the
   * {@link JobCancelledException} of {@link #throwIfCancelled}. See {@link JobHandler}. Of a {@link
   * java.util.concurrent.CompletionException}, its cause counts.
   */
  CompletableFuture<Job> fail(Throwable why);

  /**
   * Confirms that the work has stopped because the job was cancelled.
   *
   * @throws IllegalStateException if the job was not cancelled, as far as is known here; see {@link
   *     #isCancelRequested}
   */
  CompletableFuture<Job> confirmCancel();

  /**
   * Gives the job back to the queue, for any worker; this attempt does not count. Everything
   * reported so far stays.
   *
   * @param reason shown to people; may be empty
   */
  CompletableFuture<Job> release(String reason);

  /**
   * Makes sure that the job has ended, and waits until the server knows. A job that was not ended
   * before fails with the code {@value #NOT_COMPLETED}, and is retried if retries are left, as if a
   * handler had thrown an exception; if it was cancelled, the cancel is confirmed.
   *
   * <p>Blocks: code that must not block ends the job with another method, and need not close it.
   *
   * @throws JobException if the end could not be reported: {@link LeaseLostException}, {@link
   *     JobEndUnknownException}
   * @throws CallInterruptedException if the thread is interrupted; the end is still sent
   */
  @Override
  void close();
}
