package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.StoreException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The last commit that is durable. Readers see a commit as soon as the writer has made it, shortly
 * before it is durable; results are held back until it is, so that no caller sees what a power loss
 * could undo. If the disk fails to confirm a commit, these results fail. Thread-safe.
 */
final class DurableWatermark {
  private record Waiting(long commit, Consumer<@Nullable StoreException> then) {}

  /** Approximately in the order of their commits. Guarded by this. */
  private final Queue<Waiting> waiting = new ArrayDeque<>();

  private volatile long begun;
  private volatile long durable;

  /** Why no further commit becomes durable; null while commits do. Written under this. */
  private volatile @Nullable StoreException stopped;

  /** Numbers the commit that begins now; readers may see it from now on. Writer's thread only. */
  long begin() {
    long commit = begun + 1;
    begun = commit;
    return commit;
  }

  /** All commits up to this one are durable, or will never be read. One thread at a time. */
  void reached(long commit) {
    Queue<Waiting> ready = new ArrayDeque<>();
    synchronized (this) {
      durable = commit;
      while (!waiting.isEmpty() && waiting.peek().commit() <= commit) {
        ready.add(waiting.remove());
      }
    }
    ready.forEach(each -> each.then().accept(null));
  }

  /**
   * No commit becomes durable any more, or nobody knows: all later results fail.
   *
   * @param why what they fail with
   */
  void stop(StoreException why) {
    Queue<Waiting> lost;
    synchronized (this) {
      stopped = why;
      lost = new ArrayDeque<>(waiting);
      waiting.clear();
    }
    lost.forEach(each -> each.then().accept(why));
  }

  /**
   * Continues when every commit that can be read now is durable: immediately, if that is the case.
   *
   * @param then receives null, or the reason why they will never be durable
   */
  void whenDurable(Consumer<@Nullable StoreException> then) {
    long commit = begun;
    if (durable < commit) {
      synchronized (this) {
        if (stopped == null && durable < commit) {
          waiting.add(new Waiting(commit, then));
          return;
        }
      }
    }
    then.accept(stopped);
  }
}
