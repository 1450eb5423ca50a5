package dev.milepost.client;

import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Derives a worker's health from its claims and the client's connection, and passes each change to
 * a listener: one at a time, and only the latest if they follow each other faster than the listener
 * returns. Thread-safe.
 */
final class HealthMonitor {
  private static final Logger LOG = LoggerFactory.getLogger(HealthMonitor.class);

  private final Connectivity connectivity;
  private final Executor executor;
  private final @Nullable Consumer<? super WorkerHealth> listener;
  private final Runnable onConnectivity = this::changed;
  private final AtomicInteger changes = new AtomicInteger();
  private boolean claimed;
  private @Nullable String refusal;
  private @Nullable WorkerHealth last;
  private @Nullable WorkerHealth delivered;

  /**
   * Creates a monitor.
   *
   * @param executor where the listener runs
   */
  HealthMonitor(
      Connectivity connectivity,
      Executor executor,
      @Nullable Consumer<? super WorkerHealth> listener) {
    this.connectivity = connectivity;
    this.executor = executor;
    this.listener = listener;
    connectivity.listen(onConnectivity);
  }

  synchronized WorkerHealth health() {
    if (last != null) {
      return last;
    }
    String problem = refusal == null ? connectivity.outage() : refusal;
    if (problem != null) {
      return new WorkerHealth(WorkerHealth.State.RETRYING, Optional.of(problem));
    }
    return new WorkerHealth(
        claimed ? WorkerHealth.State.READY : WorkerHealth.State.STARTING, Optional.empty());
  }

  /** The server has answered a claim. */
  void claimed() {
    synchronized (this) {
      claimed = true;
      refusal = null;
    }
    changed();
  }

  /** A claim has failed, and another one follows. */
  void refused(String why) {
    synchronized (this) {
      refusal = why;
    }
    changed();
  }

  /** No claim follows; null: because the worker was closed. */
  void ended(@Nullable Throwable why) {
    connectivity.remove(onConnectivity);
    synchronized (this) {
      if (last == null) {
        last =
            why == null
                ? new WorkerHealth(WorkerHealth.State.CLOSED, Optional.empty())
                : new WorkerHealth(
                    WorkerHealth.State.FAILED, Optional.of(String.valueOf(why.getMessage())));
      }
    }
    changed();
  }

  private void changed() {
    Consumer<? super WorkerHealth> informed = listener;
    if (informed != null && changes.getAndIncrement() == 0) {
      try {
        executor.execute(() -> deliver(informed));
      } catch (RejectedExecutionException e) {
        LOG.warn("The client's executor does not run the listener of a worker's health.", e);
      }
    }
  }

  private void deliver(Consumer<? super WorkerHealth> informed) {
    int seen;
    do {
      seen = changes.get();
      WorkerHealth now = health();
      if (!now.equals(delivered)) {
        delivered = now;
        try {
          informed.accept(now);
        } catch (Throwable e) {
          LOG.warn("A worker's health listener threw an exception.", e);
        }
      }
    } while (!changes.compareAndSet(seen, 0));
  }
}
