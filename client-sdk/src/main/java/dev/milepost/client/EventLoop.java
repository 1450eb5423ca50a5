package dev.milepost.client;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread of the library's own, on which nothing runs but the library's own, short work: now or
 * later, one task after the other. Thread-safe.
 */
final class EventLoop implements Executor {
  private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

  /** An idle thread goes away by itself, so that the loop can be used even after it was closed. */
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

  /** Runs the task soon, also where the loop is closed: what is under way comes to its end. */
  @Override
  public void execute(Runnable task) {
    Future<?> unused = schedule(Duration.ZERO, task);
  }

  /** Runs the task after a while; answers false, and never runs it, once the loop is closed. */
  boolean runIn(Duration wait, Runnable task) {
    if (closed) {
      return false;
    }
    Future<?> unused = schedule(wait, task);
    return true;
  }

  /** Runs the task after a while, unless what is answered is run before. */
  Runnable cancellable(Duration wait, Runnable task) {
    Future<?> scheduled = schedule(wait, task);
    return () -> scheduled.cancel(false);
  }

  private Future<?> schedule(Duration wait, Runnable task) {
    return thread.schedule(
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            LOG.error("A task of the client failed; this is a fault of the library.", e);
          }
        },
        wait.toNanos(),
        TimeUnit.NANOSECONDS);
  }

  /** Plans nothing more; what was planned before is done when its time comes. */
  void close() {
    closed = true;
  }
}
