package dev.milepost.server.grpc;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands work over to one thread, in its order: the thread is woken once for all that gathers until
 * it comes to it. Thread-safe.
 */
final class HandOver implements Executor {
  private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);

  private final Executor thread;
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean woken = new AtomicBoolean();

  HandOver(Executor thread) {
    this.thread = thread;
  }

  @Override
  public void execute(Runnable work) {
    waiting.add(work);
    if (woken.compareAndSet(false, true)) {
      try {
        thread.execute(this::runAll);
      } catch (RejectedExecutionException e) {
        // The thread has ended, and its connections with it: what is left finds them closed.
        runAll();
      }
    }
  }

  private void runAll() {
    // Before the first is taken: who adds from here on wakes the thread again.
    woken.set(false);
    for (Runnable work = waiting.poll(); work != null; work = waiting.poll()) {
      try {
        work.run();
      } catch (RuntimeException e) {
        LOG.error("A call could not be answered.", e);
      }
    }
  }
}
