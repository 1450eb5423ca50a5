package dev.milepost.examples.hashtree;

import dev.milepost.client.JobClient;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Cancels the job when this process is interrupted, and waits up to {@link #TIMEOUT} until the job
 * has finished.
 */
final class Interruption implements AutoCloseable {
  /** What a shell reports for a program that Ctrl-C ended; used for SIGTERM too. */
  static final int EXIT_CODE = 130;

  private static final Duration TIMEOUT = Duration.ofSeconds(8);

  private final JobClient client;
  private final String jobId;
  private final ProgressView view;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::interrupted, "interrupted");

  Interruption(JobClient client, String jobId, ProgressView view) {
    this.client = client;
    this.jobId = jobId;
    this.view = view;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void interrupted() {
    view.line("! Interrupted: cancelling the job");
    try {
      long deadline = System.nanoTime() + TIMEOUT.toNanos();
      client
          .async()
          .cancel(jobId, "interrupted by the user")
          .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        view.close();
        System.err.println("The job has not stopped yet; it will once its lease expires: " + jobId);
      }
    } catch (TimeoutException e) {
      view.close();
      System.err.println("The server does not answer, so the job is not cancelled: " + jobId);
    } catch (ExecutionException e) {
      view.close();
      System.err.println("Cannot cancel the job: " + message(e));
    } catch (InterruptedException e) {
      // A second interruption: stop waiting.
    }
    Runtime.getRuntime().halt(EXIT_CODE);
  }

  private static String message(ExecutionException e) {
    Throwable cause = e.getCause();
    return cause == null ? e.toString() : String.valueOf(cause.getMessage());
  }

  /** Call this when the job has finished and everything about it was shown. */
  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The hook is already running and ends the process.
    }
  }
}
