package dev.milepost.server.store.sqlite;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Listeners;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.engine.PendingUpdate;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings groups that the writer has committed to the disk, then tells of them in their order: first
 * the listeners, then whoever waits. It has a thread of its own, so that the writer is at the next
 * group while the disk is at this one.
 */
final class SqliteFlusher {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteFlusher.class);

  /** Groups that may wait to be told of before the writer waits, too. */
  private static final int MOST_WAITING = 64;

  private static final Done END = new Done(0, false, false, () -> {}, List.of());

  private final Listeners listeners;
  private final SqliteWal wal;
  private final DurableWatermark watermark;
  private final Runnable beforeFlush;
  private final CommitObserver observer;
  private final BlockingQueue<Done> queue = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Thread thread =
      ThreadFactories.nonDaemon("milepost-store-completer").newThread(this::run);

  /** Told when the disk has become idle. */
  private volatile Runnable idle = () -> {};

  /** Groups handed over that are not on the disk yet; written by the writer and the completer. */
  private final AtomicInteger unflushed = new AtomicInteger();

  /** Groups handed over that are not told of yet; written by the writer and the completer. */
  private final AtomicInteger untold = new AtomicInteger();

  private volatile @Nullable StoreException broken;

  /**
   * A group.
   *
   * @param commit its number; 0: it has none
   * @param wrote whether there is anything to flush
   * @param failed whether its tasks have failed already: their outcome does not hang on the disk
   */
  private record Done(
      long commit,
      boolean wrote,
      boolean failed,
      Runnable tellListeners,
      List<? extends PendingUpdate<?>> tasks) {}

  SqliteFlusher(
      Listeners listeners,
      SqliteWal wal,
      DurableWatermark watermark,
      Runnable beforeFlush,
      CommitObserver observer) {
    this.listeners = listeners;
    this.wal = wal;
    this.watermark = watermark;
    this.beforeFlush = beforeFlush;
    this.observer = observer;
  }

  /**
   * Begins to work.
   *
   * @param idle told, on the completer's thread, each time that the disk has become idle
   */
  void start(Runnable idle) {
    this.idle = idle;
    thread.start();
  }

  /** Whether the disk is busy with groups that were handed over. */
  boolean isFlushing() {
    return unflushed.get() > 0;
  }

  /** Whether the disk has failed to confirm a flush: nothing can be committed any more. */
  boolean isBroken() {
    return broken != null;
  }

  /**
   * Hands over a group that was committed: its tasks are settled.
   *
   * @param alone whether the writer has nothing else to do: then it brings the group to the disk
   *     and tells of it by itself, if no other is under way. To wake a thread for it would take
   *     longer than is won
   */
  void committed(long commit, List<Change> changes, List<PendingUpdate<?>> tasks, boolean alone) {
    Done done = new Done(commit, true, false, () -> listeners.publish(changes), tasks);
    unflushed.incrementAndGet();
    if (alone && untold.get() == 0) {
      complete(List.of(done));
    } else {
      put(done);
    }
  }

  /**
   * Hands over a group that changed nothing: its tasks are settled, by what groups before it may
   * have written.
   */
  void unchanged(List<PendingUpdate<?>> tasks) {
    put(new Done(0, false, false, () -> {}, tasks));
  }

  /** Hands over a group of which nothing was committed: its tasks have failed. */
  void failed(List<? extends PendingUpdate<?>> tasks) {
    put(new Done(0, false, true, () -> {}, tasks));
  }

  /** Hands over a group of which nobody knows whether it was committed: its tasks have failed. */
  void unknown(long commit, List<PendingUpdate<?>> tasks) {
    put(new Done(commit, false, true, listeners::publishMissed, tasks));
  }

  private void put(Done done) {
    untold.incrementAndGet();
    Uninterruptibles.run(() -> queue.put(done));
  }

  /** Ends when all that was handed over has been told. */
  void finish() {
    put(END);
    Uninterruptibles.run(thread::join);
  }

  private void run() {
    List<Done> groups = new ArrayList<>();
    boolean last = false;
    while (!last) {
      groups.add(Uninterruptibles.get(queue::take));
      queue.drainTo(groups);
      last = groups.remove(END);
      complete(groups);
      untold.addAndGet(-groups.size());
      groups.clear();
    }
  }

  /** On the completer's thread, or on the writer's while that is idle. */
  private void complete(List<Done> groups) {
    flush(groups);
    groups.forEach(this::publish);
  }

  /** One flush for all groups that have come by now. */
  private void flush(List<Done> groups) {
    int wrote = 0;
    int updates = 0;
    long commit = 0;
    for (Done group : groups) {
      wrote += group.wrote() ? 1 : 0;
      updates += group.wrote() ? group.tasks().size() : 0;
      commit = Math.max(commit, group.commit());
    }
    if (wrote > 0) {
      flush(updates);
      unflushed.addAndGet(-wrote);
      idle.run();
    }
    if (commit > 0 && broken == null) {
      watermark.reached(commit);
    }
  }

  private void flush(int updates) {
    if (broken != null) {
      return;
    }
    long begun = System.nanoTime();
    try {
      beforeFlush.run();
      wal.flush();
      observer.committed(updates, System.nanoTime() - begun);
    } catch (IOException | RuntimeException e) {
      LOG.error("The disk failed to confirm what was written to it: the store stops here.", e);
      broken = SqliteFailures.unflushed(e);
      observer.failed(updates);
      watermark.stop(SqliteFailures.stopped());
      // Before anybody is answered: who has heard of it finds the server's health to agree.
      listeners.publishStopped();
    }
  }

  private void publish(Done group) {
    StoreException failure = broken;
    if (failure == null || group.failed()) {
      group.tellListeners().run();
    } else {
      listeners.publishMissed();
      group.tasks().forEach(task -> task.fail(failure));
    }
    group.tasks().forEach(PendingUpdate::answer);
  }
}
