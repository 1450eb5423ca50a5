package dev.milepost.server.store.engine;

import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Selection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Work other than updates for the thread of a writer, which does it between two groups. Any thread
 * adds; only the writer's thread runs.
 *
 * @param <C> what the writer does the work with
 */
public final class WriterChores<C> {
  private final UpdateQueue queue;
  private final Queue<Chore<C>> waiting = new ConcurrentLinkedQueue<>();

  /**
   * Work of a short time, in transactions of its own.
   *
   * @param <C> what it is done with
   * @param <R> its result
   */
  public interface Work<C, R> {
    /** Does the work. What it throws fails its stage. */
    R with(C context) throws Exception;
  }

  private interface Chore<C> {
    void run(C context);

    void fail(Throwable failure);
  }

  /** No work yet, for the writer that takes updates from this queue. */
  public WriterChores(UpdateQueue queue) {
    this.queue = queue;
  }

  /** Adds work, and wakes the writer. The stage fails if the store is closed. */
  public <R> CompletionStage<R> add(Work<C, R> work) {
    CompletableFuture<R> stage = new CompletableFuture<>();
    Chore<C> chore =
        new Chore<>() {
          @Override
          public void run(C context) {
            R result;
            try {
              result = work.with(context);
            } catch (Throwable e) {
              stage.completeExceptionally(e);
              return;
            }
            stage.complete(result);
          }

          @Override
          public void fail(Throwable failure) {
            stage.completeExceptionally(failure);
          }
        };
    waiting.add(chore);
    // An update of no job wakes the writer at once.
    Selection none = new Selection.Named(List.of(), Set.of(), Optional.empty(), false);
    var unused =
        queue
            .add(none, found -> Decision.nothing(true))
            .whenComplete(
                (done, failure) -> {
                  if (failure != null && waiting.remove(chore)) {
                    chore.fail(failure);
                  }
                });
    return stage;
  }

  /** Does what waits, and returns how much that was. Writer's thread only. */
  public int run(C context) {
    int done = 0;
    for (Chore<C> chore = waiting.poll(); chore != null; chore = waiting.poll()) {
      chore.run(context);
      done++;
    }
    return done;
  }

  /** Fails what waits, as the writer ends. */
  public void end() {
    for (Chore<C> chore = waiting.poll(); chore != null; chore = waiting.poll()) {
      chore.fail(StoreFailures.closed());
    }
  }
}
