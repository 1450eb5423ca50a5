package dev.milepost.server.store.engine;

import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The updates that wait for a writer. Anybody hands in; the writer's thread alone takes out. What
 * was handed in is taken out before the writer ends, or is answered that the store is closed.
 */
public final class UpdateQueue {
  private final BlockingQueue<PendingUpdate<?>> queue;
  private volatile boolean closing;
  private volatile boolean ended;

  /**
   * An inbox that is empty.
   *
   * @param limit most updates that wait; more are turned away
   */
  public UpdateQueue(int limit) {
    this.queue = new LinkedBlockingQueue<>(limit);
  }

  /** Hands an update in; where it is turned away, its stage has failed. */
  public <R> CompletionStage<R> add(Selection selection, Function<Found, Decision<R>> decide) {
    PendingUpdate<R> task = new PendingUpdate<>(selection, decide);
    if (closing) {
      answer(task, closed());
    } else if (!queue.offer(task)) {
      answer(task, overloaded());
    } else if (ended && queue.remove(task)) {
      // The writer ended between the first look and the offer, and will not come to it.
      answer(task, closed());
    }
    return task.stage();
  }

  private static void answer(PendingUpdate<?> task, StoreException failure) {
    task.fail(failure);
    task.answer();
  }

  /** Takes no more, and wakes the writer if it waits. */
  public void close() {
    closing = true;
    // Where the queue is full the writer does not wait.
    queue.offer(PendingUpdate.nothing());
  }

  /** Whether the writer has to go on. */
  public boolean isOpen() {
    return !closing || !queue.isEmpty();
  }

  /** Whether nothing waits. */
  public boolean isEmpty() {
    return queue.isEmpty();
  }

  /** The next one, where it comes soon enough; null: none did. */
  public @Nullable PendingUpdate<?> take(long millis) {
    try {
      return queue.poll(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      // Nobody may stop the writer but by closing the store.
      return null;
    }
  }

  /** The next one, where it waits already; null: none does. */
  public @Nullable PendingUpdate<?> take() {
    return queue.poll();
  }

  /** Takes those that wait, at most so many. */
  public void takeAll(List<PendingUpdate<?>> to, int most) {
    queue.drainTo(to, most);
  }

  /** The writer has ended: what came too late is failed, and is for the writer to answer. */
  public List<PendingUpdate<?>> end() {
    ended = true;
    List<PendingUpdate<?>> late = new ArrayList<>();
    queue.drainTo(late);
    late.forEach(task -> task.fail(closed()));
    return late;
  }

  /** What is said to who asks something of a store that is closed. */
  public static StoreException closed() {
    return new StoreException(Outcome.NOT_APPLIED, "The store is closed.");
  }

  /** What is said to who is turned away. */
  public static StoreException overloaded() {
    return new StoreException(
        Outcome.NOT_APPLIED, "The store has too much to do: try again later.");
  }
}
