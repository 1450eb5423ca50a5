package dev.milepost.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Claims jobs and runs their handlers, each on a thread of its own. Heartbeats and reports are sent
 * from other threads, whatever the handler does. Thread-safe.
 *
 * <p>Handlers do not notice lost connections or server restarts: reports are kept and sent again,
 * in order. A handler is interrupted only if it does not react to a cancel in time, if the attempt
 * loses its lease, or if the worker shuts down.
 */
public final class Worker implements AutoCloseable {
  private final String workerId;
  private final Duration drainTimeout;
  private final RunningJobs jobs;
  private final ClaimLoop claims;

  Worker(WorkerBuilder builder) {
    this.workerId = builder.workerId;
    this.drainTimeout = builder.drainTimeout;
    this.jobs = new RunningJobs(builder);
    this.claims = new ClaimLoop(builder, jobs);
    claims.start();
  }

  /** Returns a builder for a worker that uses this client. */
  public static WorkerBuilder builder(JobClient client) {
    return new WorkerBuilder(client);
  }

  /** Returns the worker's id. */
  public String workerId() {
    return workerId;
  }

  /** Returns the number of running jobs. */
  public int running() {
    return jobs.running();
  }

  /**
   * Returns a future that completes when the worker stops claiming: normally if it was closed, with
   * an {@link InvalidRequestException} if the server rejects its claims. Running jobs continue.
   */
  public CompletableFuture<Void> stopped() {
    return Futures.copy(claims.stopped());
  }

  /**
   * Stops claiming and waits for the running jobs to end, at most for the builder's {@code
   * drainTimeout}. Jobs that still run then are interrupted and released.
   */
  @Override
  public void close() {
    close(drainTimeout);
  }

  /** Like {@link #close()}, with a different drain timeout. */
  public void close(Duration drainTimeout) {
    jobs.release(claims.stop());
    jobs.drain(drainTimeout);
  }
}
