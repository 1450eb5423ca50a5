package dev.milepost.server.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what has changed of a server's records, one write at a time: takes the changes, and puts
 * them back if they cannot be written. Thread-safe.
 *
 * @param <C> what has changed
 */
public final class RecordChanges<C> {
  private static final Logger LOG = LoggerFactory.getLogger(RecordChanges.class);

  private final String what;
  private final Supplier<C> take;
  private final Function<C, CompletionStage<Boolean>> store;
  private final Consumer<C> putBack;

  /** Guarded by this. */
  private boolean writing;

  /**
   * Creates a writer that has written nothing.
   *
   * @param what names the records in the log, in the plural
   * @param take returns what has changed since it was called last
   * @param store writes it; may throw or fail
   * @param putBack takes back what could not be written
   */
  public RecordChanges(
      String what,
      Supplier<C> take,
      Function<C, CompletionStage<Boolean>> store,
      Consumer<C> putBack) {
    this.what = what;
    this.take = take;
    this.store = store;
    this.putBack = putBack;
  }

  /**
   * Writes what has changed, unless the last write is not finished. Does not wait.
   *
   * @return completes with whether everything that there was to write is written; does not fail
   */
  public CompletionStage<Boolean> write() {
    synchronized (this) {
      if (writing) {
        return CompletableFuture.completedStage(false);
      }
      writing = true;
    }
    C changed = take.get();
    CompletionStage<Boolean> stored;
    try {
      stored = store.apply(changed);
    } catch (RuntimeException e) {
      stored = CompletableFuture.failedStage(e);
    }
    return stored.handle(
        (done, failure) -> {
          if (failure != null) {
            LOG.debug("The {} could not be stored; they are tried again.", what, failure);
            putBack.accept(changed);
          }
          ended();
          return failure == null;
        });
  }

  private synchronized void ended() {
    writing = false;
  }
}
