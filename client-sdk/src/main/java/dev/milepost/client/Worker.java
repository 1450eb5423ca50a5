package dev.milepost.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims jobs and runs their handlers, each on a thread of its own. Heartbeats and reports are sent
 * from other threads, whatever the handler does. Thread-safe.
 *
 * <p>Handlers do not notice lost connections or server restarts: reports are kept and sent again,
 * in order. A handler is interrupted only if it does not react to a cancel in time, if the attempt
 * loses its lease, or if the worker shuts down.
 */
public final class Worker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private final ClientCore core;
  private final String workerId;
  private final Duration drainTimeout;
  private final RunningJobs jobs;
  private final ClaimLoop claims;
  private final AtomicBoolean closing = new AtomicBoolean();

  Worker(WorkerBuilder builder) {
    this.core = builder.client.core();
    this.workerId = builder.workerId;
    this.drainTimeout = builder.drainTimeout;
    this.jobs = new RunningJobs(builder);
    this.claims = new ClaimLoop(builder, jobs);
    if (core.add(this)) {
      claims.start();
    } else {
      claims.fail(ClientCore.closed());
    }
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
   * Returns how the worker is doing, for readiness and liveness probes. Does not block.
   *
   * @see WorkerBuilder#onHealthChange
   */
  public WorkerHealth health() {
    return claims.health();
  }

  /**
   * Returns a future that completes when the worker stops claiming: normally if it or its client
   * was closed. Running jobs continue.
   *
   * <p>It fails with a {@link JobException} if the worker can never work: its claims are refused
   * ({@link AccessDeniedException}, {@link InvalidRequestException}), no Milepost server can be
   * reached as the client is set up ({@link ServerUnavailableException#isPermanent()}), or the
   * client was closed before. A worker that has worked before goes on for 5 minutes of refusals, so
   * that a token or certificate can be replaced. An outage does not end it.
   */
  public CompletableFuture<Void> stopped() {
    return Futures.copy(claims.stopped());
  }

  /**
   * Stops claiming and waits for the running jobs to end, at most for the builder's {@code
   * drainTimeout}; see {@link #close(Duration)}.
   */
  @Override
  public void close() {
    close(drainTimeout);
  }

  /**
   * Stops claiming and waits for the running jobs to end. Near the end of the timeout, handlers
   * that still run are interrupted, and their jobs released: another worker claims them, and no
   * retry is used. Returns in time even if handlers ignore that, or the server cannot be reached;
   * the leases of jobs that could not be released expire.
   *
   * <p>If the calling thread is interrupted, the handlers are too, at once, and nothing is waited
   * for.
   *
   * @param timeout for all of that together, 0 or more; half of it, but at most 5 s, is kept for
   *     interrupting and releasing
   */
  public void close(Duration timeout) {
    Deadline deadline = Deadline.in(Checks.notNegative("timeout", timeout));
    boolean isFirst = closing.compareAndSet(false, true);
    if (isFirst) {
      LOG.info("Worker {} stops claiming; {} of its jobs run.", workerId, running());
    }
    CompletableFuture<?> released = claims.stop().thenCompose(jobs::release);
    int unfinished = jobs.drain(deadline.left());
    RunningJobs.await(released, deadline);
    core.remove(this);
    if (isFirst && unfinished == 0) {
      LOG.info("Worker {} is closed; its jobs have ended.", workerId);
    } else if (isFirst) {
      LOG.info("Worker {} is closed; {} of its jobs did not end in time.", workerId, unfinished);
    }
  }

  /** Like {@link #close()}, but takes no longer than the given time. */
  void closeWithin(Duration limit) {
    close(drainTimeout.compareTo(limit) < 0 ? drainTimeout : limit);
  }
}
