package dev.milepost.server.watch;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs tasks one after the other, in the order in which they came, as one thread would: what only
 * tasks touch needs no lock. Thread-safe.
 *
 * <p>Most tasks run on the lane's thread. Where nothing runs or waits, a caller may run its own: to
 * wake a thread costs more than a short task does.
 */
final class SerialLane implements Executor {
  private final Executor thread;
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

  /** Whether somebody runs tasks, or has been woken to. What they see passes on with it. */
  private final AtomicBoolean taken = new AtomicBoolean();

  /**
   * A lane on a thread.
   *
   * @param thread runs what callers do not; where it refuses, as it has been shut down, they do
   */
  SerialLane(Executor thread) {
    this.thread = thread;
  }

  /** Runs a task on the lane's thread, later. */
  @Override
  public void execute(Runnable task) {
    waiting.add(task);
    runWaiting();
  }

  /** Runs a task here and now where the lane is free, else later on its thread. */
  void executeHere(Runnable task) {
    if (!taken.compareAndSet(false, true)) {
      execute(task);
      return;
    }
    try {
      if (waiting.isEmpty()) {
        task.run();
      } else {
        // Somebody has come first.
        waiting.add(task);
      }
    } finally {
      leave();
    }
  }

  private void leave() {
    taken.set(false);
    // Who added a task before that line found the lane taken, and relies on this one.
    runWaiting();
  }

  private void runWaiting() {
    if (!waiting.isEmpty() && taken.compareAndSet(false, true)) {
      try {
        thread.execute(this::runAll);
      } catch (RejectedExecutionException e) {
        runAll();
      }
    }
  }

  private void runAll() {
    try {
      for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
        task.run();
      }
    } finally {
      leave();
    }
  }
}
