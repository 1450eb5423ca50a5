package dev.milepost.server.store.engine;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The updates that wait for a writer. Any thread adds; only the writer's thread takes. Every update
 * that was added is either taken before the writer ends, or fails because the store is closed or
 * away.
 */
public final class UpdateQueue {
  private final BlockingQueue<PendingUpdate<?>> queue;
  private final AtomicInteger pending = new AtomicInteger();
  private final CommitObserver observer;
  private final @Nullable StoreMonitor monitor;
  private volatile boolean closing;
  private volatile boolean ended;

  /**
   * An empty queue of an engine in this process.
   *
   * @param limit maximum number of waiting updates; further ones fail
   * @param observer is notified of updates that fail
   */
  public UpdateQueue(int limit, CommitObserver observer) {
    this.queue = new LinkedBlockingQueue<>(limit);
    this.observer = observer;
    this.monitor = null;
  }

  /**
   * An empty queue of an engine that may be away: updates then fail, also those that wait.
   *
   * @param limit maximum number of waiting updates; further ones fail
   * @param observer is notified of updates that fail
   */
  public UpdateQueue(int limit, CommitObserver observer, StoreMonitor monitor) {
    this.queue = new LinkedBlockingQueue<>(limit);
    this.observer = observer;
    this.monitor = monitor;
    monitor.whenAway(this::refuseWaiting);
  }

  /** Adds an update. If the queue does not accept it, the returned stage has failed. */
  public <R> CompletionStage<R> add(Selection selection, Function<Found, Decision<R>> decide) {
    PendingUpdate<R> update = new PendingUpdate<>(selection, decide, pending);
    pending.incrementAndGet();
    if (closing) {
      fail(update, StoreFailures.closed());
    } else if (monitor != null && monitor.isAway()) {
      refuse(update, monitor.refusal());
    } else if (!queue.offer(update)) {
      refuse(update, StoreFailures.overloaded());
    } else if (monitor != null && monitor.isAway() && queue.remove(update)) {
      // The engine went away between the check and the offer.
      refuse(update, monitor.refusal());
    } else if (ended && queue.remove(update)) {
      // The writer ended between the first check and the offer, and will not take the update.
      fail(update, StoreFailures.closed());
    }
    return update.stage();
  }

  /** Returns the number of updates that were added and have not been completed. */
  public int pending() {
    return pending.get();
  }

  private void refuse(PendingUpdate<?> update, StoreException failure) {
    observer.failed(1);
    fail(update, failure);
  }

  private void refuseWaiting() {
    List<PendingUpdate<?>> all = new ArrayList<>();
    queue.drainTo(all);
    all.forEach(update -> refuse(update, Objects.requireNonNull(monitor).refusal()));
  }

  private static void fail(PendingUpdate<?> update, StoreException failure) {
    update.fail(failure);
    update.complete();
  }

  /** Accepts no more updates, and wakes the writer if it waits. */
  void close() {
    closing = true;
    // If the queue is full, the writer is not waiting.
    queue.offer(PendingUpdate.nothing());
  }

  /** Whether updates may still be taken. */
  boolean isOpen() {
    return !closing || !queue.isEmpty();
  }

  /** Whether no update waits. */
  public boolean isEmpty() {
    return queue.isEmpty();
  }

  /** Takes the next update; returns null if none arrives in time. */
  @Nullable PendingUpdate<?> take(long millis) {
    try {
      return queue.poll(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      // Only closing the store may stop the writer.
      return null;
    }
  }

  /** Takes the next update; returns null if none waits. */
  public @Nullable PendingUpdate<?> take() {
    return queue.poll();
  }

  /** Moves waiting updates to a list, {@code limit} at most. */
  public void takeAll(List<PendingUpdate<?>> to, int limit) {
    queue.drainTo(to, limit);
  }

  /** The writer has ended. Returns the updates that came too late; they have failed. */
  List<PendingUpdate<?>> end() {
    ended = true;
    List<PendingUpdate<?>> late = new ArrayList<>();
    queue.drainTo(late);
    late.forEach(update -> update.fail(StoreFailures.closed()));
    return late;
  }
}
