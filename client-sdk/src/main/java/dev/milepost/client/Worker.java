package dev.milepost.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Claims jobs and does them: each has a thread for itself while it runs, with heartbeats and
 * reports sent from elsewhere, whatever the handler does. Thread-safe.
 *
 * <p>A lost connection, or a server that restarts, is not noticed by the handler: what was reported
 * is kept and sent again, in order. Only where the server says that the attempt is over is the
 * handler interrupted.
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

  /** Settings for a worker that uses this client. */
  public static WorkerBuilder builder(JobClient client) {
    return new WorkerBuilder(client);
  }

  /** Name of the worker, for people. */
  public String workerId() {
    return workerId;
  }

  /** How many jobs run now. */
  public int running() {
    return jobs.running();
  }

  /**
   * Completes when the worker claims no more: normally where it was closed; with the {@link
   * JobException} where the server refuses its claims for good ({@link InvalidRequestException}).
   * Jobs that run go on.
   */
  public CompletableFuture<Void> stopped() {
    return claims.stopped().copy();
  }

  /**
   * Stops to claim jobs and waits until those that run have ended, but not longer than the
   * builder's {@code drainTimeout}; what then still runs is interrupted and given back.
   */
  @Override
  public void close() {
    close(drainTimeout);
  }

  /** Like {@link #close()}, with another limit. */
  public void close(Duration drainTimeout) {
    jobs.giveBack(claims.stop());
    jobs.drain(drainTimeout);
  }
}
