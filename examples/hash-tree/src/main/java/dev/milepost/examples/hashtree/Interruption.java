package dev.milepost.examples.hashtree;

import dev.milepost.client.JobClient;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Cancels the job when this process is interrupted, and lets it see the job's end, but not for
 * ever.
 */
final class Interruption implements AutoCloseable {
  /** What a shell tells of a program that Ctrl-C ended; SIGTERM is the same wish. */
  static final int EXIT_CODE = 130;

  private static final Duration PATIENCE = Duration.ofSeconds(8);

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
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      client
          .async()
          .cancel(jobId, "interrupted by its user")
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        view.close();
        System.err.println("The job has not confirmed yet that it stops: " + jobId);
      }
    } catch (TimeoutException e) {
      view.close();
      System.err.println("The server does not answer: the job is not cancelled: " + jobId);
    } catch (ExecutionException e) {
      view.close();
      System.err.println("The job could not be cancelled: " + message(e));
    } catch (InterruptedException e) {
      // A second interruption: no more waiting.
    }
    Runtime.getRuntime().halt(EXIT_CODE);
  }

  private static String message(ExecutionException e) {
    Throwable cause = e.getCause();
    return cause == null ? e.toString() : String.valueOf(cause.getMessage());
  }

  /** The job has ended, and all about it was said. */
  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // Interrupted before: the hook now ends the process.
    }
  }
}
