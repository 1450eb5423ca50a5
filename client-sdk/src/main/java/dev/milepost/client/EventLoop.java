package dev.milepost.client;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A single daemon thread for the library's own short tasks, which run one after another, now or
 * after a delay. Thread-safe.
 */
final class EventLoop implements Executor {
  private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

  /** An idle thread ends, so that the loop can stay usable after it was closed. */
  private static final int IDLE_SECONDS = 5;

  private final ScheduledThreadPoolExecutor thread;
  private volatile boolean closed;

  EventLoop(String name) {
    this.thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread daemon = new Thread(task, name);
              daemon.setDaemon(true);
              return daemon;
            });
    thread.setRemoveOnCancelPolicy(true);
    thread.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    thread.allowCoreThreadTimeOut(true);
  }

  /** Runs the task soon, even if the loop is closed, so that pending work can finish. */
  @Override
  public void execute(Runnable task) {
    Future<?> unused = schedule(Duration.ZERO, task);
  }

  /** Runs the task after a delay; returns false, without running it, if the loop is closed. */
  boolean runIn(Duration delay, Runnable task) {
    if (closed) {
      return false;
    }
    Future<?> unused = schedule(delay, task);
    return true;
  }

  /** Runs the task after a delay; running the returned task first cancels it. */
  Runnable cancellable(Duration delay, Runnable task) {
    Future<?> scheduled = schedule(delay, task);
    return () -> scheduled.cancel(false);
  }

  private Future<?> schedule(Duration delay, Runnable task) {
    return thread.schedule(
        () -> {
          try {
            task.run();
          } catch (Throwable e) {
            // The next task must run, even after an OutOfMemoryError.
            LOG.error("An internal task of the client failed. This is a bug in the library.", e);
          }
        },
        delay.toNanos(),
        TimeUnit.NANOSECONDS);
  }

  /** Rejects delayed tasks from now on; those scheduled before still run. */
  void close() {
    closed = true;
  }
}
