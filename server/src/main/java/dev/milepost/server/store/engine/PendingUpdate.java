package dev.milepost.server.store.engine;

import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.Selection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * One update on its way: handed in, decided by the writer, answered by the completer.
 *
 * @param <R> type of the result
 */
public final class PendingUpdate<R> {
  private final Selection selection;
  private final Function<Found, Decision<R>> decide;
  private final CompletableFuture<R> stage = new CompletableFuture<>();
  private Runnable answer = () -> {};

  public PendingUpdate(Selection selection, Function<Found, Decision<R>> decide) {
    this.selection = selection;
    this.decide = decide;
  }

  /** A task that asks for nothing and that nobody waits for. */
  public static PendingUpdate<Boolean> nothing() {
    Selection none = new Selection.Named(List.of(), Set.of(), Optional.empty(), false);
    return new PendingUpdate<>(none, found -> Decision.nothing(true));
  }

  public Selection selection() {
    return selection;
  }

  public CompletionStage<R> stage() {
    return stage;
  }

  public Decision<R> decide(Found found) {
    return decide.apply(found);
  }

  /** Settles how it went; nobody hears of it yet. The last word counts. */
  public void succeed(R result) {
    answer = () -> stage.complete(result);
  }

  /** Settles how it went; nobody hears of it yet. The last word counts. */
  public void fail(Throwable failure) {
    answer = () -> stage.completeExceptionally(failure);
  }

  /** Tells whoever waits. */
  public void answer() {
    answer.run();
  }
}
