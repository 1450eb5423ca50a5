package dev.milepost.client;

/** The work itself, written by the user of this library. */
@FunctionalInterface
public interface JobHandler {
  /**
   * Does the work of one attempt. Returning means that the job succeeded.
   *
   * <p>Throwing {@link JobCancelledException} after a cancel confirms the cancel. Any other
   * exception fails the attempt: its class gives the error's code ({@code IllegalStateException}
   * becomes {@code ILLEGAL_STATE}), and the job is tried again where retries are left, unless the
   * exception is {@link NonRetryable} or a {@link JobFailure} that says otherwise.
   *
   * <p>Runs on a thread that does nothing else until this method returns, and may run other jobs
   * after that: what the handler keeps in a {@link ThreadLocal} should be removed in the end. The
   * thread is interrupted when a cancel was not heeded in time, and when the attempt is lost.
   *
   * @param context the job, and what to say about it; of use only until this method returns
   */
  void handle(JobContext context) throws Exception;
}
