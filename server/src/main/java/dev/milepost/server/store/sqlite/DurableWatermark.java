package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.StoreException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How far the commits have come to the disk. A commit can be read as soon as the writer has made
 * it, a moment before it is durable; what was read is kept back until that moment is over, so that
 * nobody is told of what a loss of power could undo. Where the disk fails to confirm a commit, that
 * moment never comes, and nobody is told. Thread-safe.
 */
final class DurableWatermark {
  private record Waiting(long commit, Consumer<@Nullable StoreException> then) {}

  /** In the order of their commits, or nearly. Guarded by this. */
  private final Queue<Waiting> waiting = new ArrayDeque<>();

  private volatile long begun;
  private volatile long durable;

  /** Why no more commits come to the disk; null while they do. Guarded by this. */
  private @Nullable StoreException stopped;

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
    free.forEach(each -> each.then().accept(null));
  }

  /**
   * The disk has failed to confirm a commit: what has been read since it, and what will be, was
   * read in vain. Called by one thread alone, which calls {@link #reached} no more.
   *
   * @param why what those are told who wait
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
   * Goes on when all that could be read by now is durable: at once, if it is.
   *
   * @param then gets null; where it will never be durable, the reason
   */
  void whenDurable(Consumer<@Nullable StoreException> then) {
    long commit = begun;
    StoreException why = null;
    if (durable < commit) {
      synchronized (this) {
        why = stopped;
        if (why == null && durable < commit) {
          waiting.add(new Waiting(commit, then));
          return;
        }
      }
    }
    then.accept(why);
  }
}
