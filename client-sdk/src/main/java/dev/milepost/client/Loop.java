package dev.milepost.client;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread of the library's own, on which nothing runs but the library's own, short work: now or
 * later, one task after the other. Thread-safe.
 */
final class Loop implements Executor {
  private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

  private final ScheduledThreadPoolExecutor thread;

  Loop(String name) {
    this.thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread daemon = new Thread(task, name);
              daemon.setDaemon(true);
              return daemon;
            });
    thread.setRemoveOnCancelPolicy(true);
  }

  @Override
  public void execute(Runnable task) {
    runIn(Duration.ZERO, task);
  }

  /** Runs the task after a while; answers false, and never runs it, once the loop is closed. */
  boolean runIn(Duration wait, Runnable task) {
    try {
      Future<?> unused = schedule(wait, task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** Runs the task after a while, unless what is answered is run before. */
  Runnable cancellable(Duration wait, Runnable task) {
    try {
      Future<?> scheduled = schedule(wait, task);
      return () -> scheduled.cancel(false);
    } catch (RejectedExecutionException e) {
      return () -> {};
    }
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

  /** Takes no more tasks; those that wait are run when their time comes. */
  void close() {
    thread.shutdown();
  }
}
