package dev.milepost.server.store.engine;

import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.Selection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A queued update. It is settled when its outcome is known ({@link #succeed}, {@link #fail}), and
 * its stage is completed later, once the commit is durable.
 *
 * @param <R> type of the result
 */
public final class PendingUpdate<R> {
  private final Selection selection;
  private final Function<Found, Decision<R>> decide;
  private final CompletableFuture<R> stage = new CompletableFuture<>();
  private final AtomicInteger pending;
  private Runnable completion = () -> {};

  /**
   * An update that is not settled.
   *
   * @param pending counts the updates that are not completed; decremented when this one is
   */
  PendingUpdate(Selection selection, Function<Found, Decision<R>> decide, AtomicInteger pending) {
    this.selection = selection;
    this.decide = decide;
    this.pending = pending;
  }

  /** Returns an update that changes nothing and has no caller. */
  static PendingUpdate<Boolean> nothing() {
    Selection none = new Selection.Named(List.of(), Set.of(), Optional.empty(), false);
    return new PendingUpdate<>(none, found -> Decision.nothing(true), new AtomicInteger());
  }

  /** The jobs that this update is about. */
  public Selection selection() {
    return selection;
  }

  /** The stage that the caller waits for. */
  public CompletionStage<R> stage() {
    return stage;
  }

  /** Runs the caller's decision. Throws what the caller's function throws. */
  public Decision<R> decide(Found found) {
    return decide.apply(found);
  }

  /** Settles the update with a result. The last call of this and {@link #fail} counts. */
  public void succeed(R result) {
    completion = () -> stage.complete(result);
  }

  /** Settles the update with a failure. The last call of this and {@link #succeed} counts. */
  public void fail(Throwable failure) {
    completion = () -> stage.completeExceptionally(failure);
  }

  /** Completes the stage with what the update was settled with. */
  public void complete() {
    if (!stage.isDone()) {
      pending.decrementAndGet();
    }
    completion.run();
  }
}
