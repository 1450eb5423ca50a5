package dev.milepost.testing;

import dev.milepost.server.store.JobStore;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;

/** What the server still has to do by its clock. */
final class DueWork {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final long CHECK_NANOS = Duration.ofMillis(1).toNanos();

  private final JobStore store;

  DueWork(JobStore store) {
    this.store = store;
  }

  /**
   * Waits until no timer of a job is due.
   *
   * @throws IllegalStateException if the server does not get there in time
   */
  void await() {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (isDue()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            "The server has not done within %d s what is due by its clock."
                .formatted(TIMEOUT.toSeconds()));
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new IllegalStateException("Interrupted while waiting for the server.");
      }
      LockSupport.parkNanos(CHECK_NANOS);
    }
  }

  private boolean isDue() {
    try {
      return !store.due(store.clock().read().now(), 1).toCompletableFuture().get().keys().isEmpty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    } catch (ExecutionException e) {
      throw new IllegalStateException("The store of the test server has failed.", e);
    }
  }
}
