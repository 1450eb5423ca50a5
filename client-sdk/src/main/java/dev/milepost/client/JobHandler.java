package dev.milepost.client;

import java.util.Map;

/** The code that does a job's work, implemented by the user of this library. */
@FunctionalInterface
public interface JobHandler {
  /**
   * Does the work of one attempt. Returning normally completes the job, unless the handler had been
   * made to stop before ({@link JobContext#completed()}): then that is what it did.
   *
   * <p>Throwing {@link JobCancelledException} after a cancel confirms the cancel; so does any
   * exception but a {@link JobFailure} after the cancel has interrupted the handler's thread. When
   * the worker shuts down, the job is released in the same cases. Any other exception fails the
   * attempt: its class determines the error code ({@code IllegalStateException} becomes {@code
   * ILLEGAL_STATE}), and the job is retried if retries are left, unless the exception is {@link
   * NonRetryable} or a {@link JobFailure} that is not retryable.
   *
   * <p>Runs on a thread that is dedicated to it until it returns and may then run other jobs, so
   * {@link ThreadLocal}s should be removed at the end; a worker may have an {@link
   * WorkerBuilder#executor executor} of its own. The thread is interrupted if the handler does not
   * react to a cancel in time, or if the attempt loses its lease.
   *
   * @param context the job and its reporting; valid only until this method returns
   */
  void handle(JobContext context) throws Exception;

  /**
   * Returns a handler that stores the value of a function as the job's result.
   *
   * <pre>{@code
   * client.worker().handler("sum", JobHandler.returning(context -> Map.of("sum", sum(context))))
   * }</pre>
   */
  static JobHandler returning(ResultHandler handler) {
    return context -> {
      Map<String, ?> result = handler.handle(context);
      if (result != null) {
        context.result(result);
      }
    };
  }
}
