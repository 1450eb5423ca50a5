package dev.milepost.server.store.sqlite;

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
final class Task<R> {
  private final Selection selection;
  private final Function<Found, Decision<R>> decide;
  private final CompletableFuture<R> stage = new CompletableFuture<>();
  private Runnable answer = () -> {};

  Task(Selection selection, Function<Found, Decision<R>> decide) {
    this.selection = selection;
    this.decide = decide;
  }

  /** A task that asks for nothing and that nobody waits for. */
  static Task<Boolean> nothing() {
    Selection none = new Selection.Named(List.of(), Set.of(), Optional.empty(), false);
    return new Task<>(none, found -> Decision.nothing(true));
  }

  Selection selection() {
    return selection;
  }

  CompletionStage<R> stage() {
    return stage;
  }

  Decision<R> decide(Found found) {
    return decide.apply(found);
  }

  /** Settles how it went; nobody hears of it yet. The last word counts. */
  void succeed(R result) {
    answer = () -> stage.complete(result);
  }

  /** Settles how it went; nobody hears of it yet. The last word counts. */
  void fail(Throwable failure) {
    answer = () -> stage.completeExceptionally(failure);
  }

  /** Tells whoever waits. */
  void answer() {
    answer.run();
  }
}
