package dev.milepost.server.concurrent;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks one at a time on another executor. State that only these tasks touch needs no lock.
 *
 * <p>It guarantees:
 *
 * <ul>
 *   <li><b>Ordering:</b> tasks run in the order in which they are added.
 *   <li><b>Serialization:</b> no two tasks run at the same time, and each sees everything that
 *       earlier tasks wrote, on whatever thread they ran.
 *   <li><b>Reentrancy:</b> a task that is added by a running task runs after it, never inside it.
 *   <li><b>Batching:</b> the underlying executor is asked once for all tasks that are added before
 *       it gets to run them.
 *   <li><b>Isolation:</b> an exception or error of a task is logged, and the next task runs.
 * </ul>
 *
 * <p>No lock is held while a task runs. Thread-safe.
 */
public final class SerialExecutor implements Executor {
  private static final Logger LOG = LoggerFactory.getLogger(SerialExecutor.class);

  private final Executor executor;
  private final Queue<Runnable> queue = new ConcurrentLinkedQueue<>();

  /** Whether a thread runs tasks, or has been asked to. Orders the tasks' memory accesses. */
  private final AtomicBoolean busy = new AtomicBoolean();

  /**
   * Creates an idle executor.
   *
   * @param executor runs the tasks; after its shutdown they run on the threads that add them
   */
  public SerialExecutor(Executor executor) {
    this.executor = executor;
  }

  /** Queues a task for the underlying executor. */
  @Override
  public void execute(Runnable task) {
    queue.add(task);
    startDraining();
  }

  /**
   * Runs a task on the calling thread if no other task runs or waits, otherwise queues it. For
   * short tasks, which cost less than to wake another thread.
   */
  public void runIfIdle(Runnable task) {
    if (!busy.compareAndSet(false, true)) {
      execute(task);
      return;
    }
    try {
      if (queue.isEmpty()) {
        run(task);
      } else {
        // Another thread has added a task since: that one goes first.
        queue.add(task);
      }
    } finally {
      release();
    }
  }

  private void startDraining() {
    if (!queue.isEmpty() && busy.compareAndSet(false, true)) {
      try {
        executor.execute(this::drain);
      } catch (RejectedExecutionException e) {
        drain();
      }
    }
  }

  private void drain() {
    try {
      for (Runnable task = queue.poll(); task != null; task = queue.poll()) {
        run(task);
      }
    } finally {
      release();
    }
  }

  private void release() {
    busy.set(false);
    // A thread that added a task just before has seen this executor busy and relies on it.
    startDraining();
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      LOG.error("A task failed unexpectedly.", e);
    }
  }
}
