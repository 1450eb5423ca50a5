package dev.milepost.server.store.sqlite;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * How far the commits have come to the disk. A commit can be read as soon as the writer has made
 * it, a moment before it is durable; what was read is kept back until that moment is over, so that
 * nobody is told of what a loss of power could undo. Thread-safe.
 */
final class Flushed {
  private record Waiting(long commit, Runnable then) {}

  /** In the order of their commits, or nearly. Guarded by this. */
  private final Queue<Waiting> waiting = new ArrayDeque<>();

  private volatile long begun;
  private volatile long durable;

  /** The writer begins a commit, and may be read from now on. Called by the writer alone. */
  long begin() {
    long commit = begun + 1;
    begun = commit;
    return commit;
  }

  /** All commits up to this one are durable, or will never be read. Called by one thread alone. */
  void reached(long commit) {
    Queue<Waiting> free = new ArrayDeque<>();
    synchronized (this) {
      durable = commit;
      while (!waiting.isEmpty() && waiting.peek().commit() <= commit) {
        free.add(waiting.remove());
      }
    }
    free.forEach(each -> each.then().run());
  }

  /** Runs something when all that could be read by now is durable: at once, if it is. */
  void whenDurable(Runnable then) {
    long commit = begun;
    if (durable < commit) {
      synchronized (this) {
        if (durable < commit) {
          waiting.add(new Waiting(commit, then));
          return;
        }
      }
    }
    then.run();
  }
}
