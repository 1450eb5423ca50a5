package dev.milepost.client;

import java.time.Duration;

/**
 * Claims jobs and does them: each on a thread of its own, with heartbeats and reports sent from elsewhere,
 * whatever the handler does. Thread-safe.
 *
 * <p>A lost connection, or a server that restarts, is not noticed by the handler: what was reported is kept
 * and sent again, in order. Only where the server says that the attempt is over is the handler interrupted.
 */
public final class Worker implements AutoCloseable {
  Worker(WorkerBuilder builder) {}

  /** Settings for a worker that uses this client. */
  public static WorkerBuilder builder(JobClient client) {
    return new WorkerBuilder(client);
  }

  /** Name of the worker, for people. */
  public String workerId() {
    throw new UnsupportedOperationException();
  }

  /** How many jobs run now. */
  public int running() {
    throw new UnsupportedOperationException();
  }

  /**
   * Stops to claim jobs and waits until those that run have ended, but not longer than the builder's {@code
   * drainTimeout}; what then still runs is interrupted and given back.
   */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }

  /** Like {@link #close()}, with another limit. */
  public void close(Duration drainTimeout) {
    throw new UnsupportedOperationException();
  }
}
