package dev.milepost.server.store.sqlite;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Listeners;
import dev.milepost.server.store.PartHealth;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.engine.PendingUpdate;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes committed groups durable, then publishes their changes and completes their updates, in the
 * order of the commits. It has its own thread, so that the writer works on the next group while the
 * disk is busy with this one.
 */
final class SqliteFlusher {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteFlusher.class);

  /** Groups that may wait before the writer has to wait as well. */
  private static final int MAX_WAITING = 64;

  private static final Group END = new Group(0, false, false, () -> {}, List.of());

  private final Listeners listeners;
  private final SqliteWal wal;
  private final DurableWatermark watermark;
  private final SqliteFileWatch files;
  private final Runnable beforeFlush;
  private final CommitObserver observer;
  private final BlockingQueue<Group> queue = new ArrayBlockingQueue<>(MAX_WAITING);
  private final Thread thread =
      ThreadFactories.nonDaemon("milepost-store-flusher").newThread(this::run);

  /** Called when the disk has become idle. */
  private volatile Runnable idle = () -> {};

  /** Submitted groups that are not on disk yet; written by the writer and the flusher. */
  private final AtomicInteger unflushed = new AtomicInteger();

  /** Submitted groups that are not completed yet; written by the writer and the flusher. */
  private final AtomicInteger incomplete = new AtomicInteger();

  /** Why the store has stopped: for updates whose outcome is unknown. Written under this. */
  private volatile @Nullable StoreException broken;

  private volatile Instant brokenTime = Instant.MAX;

  private volatile boolean failedToFlush;

  /** The same for what is refused since then. */
  private volatile StoreException refusal = SqliteFailures.stopped();

  /**
   * A group of updates, all of them settled.
   *
   * @param commit number of its commit; 0: none
   * @param wrote whether there is something to flush
   * @param failed whether its updates have already failed: their outcome does not depend on the
   *     disk
   * @param publish notifies listeners
   */
  private record Group(
      long commit,
      boolean wrote,
      boolean failed,
      Runnable publish,
      List<? extends PendingUpdate<?>> updates) {}

  SqliteFlusher(
      Listeners listeners,
      SqliteWal wal,
      DurableWatermark watermark,
      SqliteFileWatch files,
      Runnable beforeFlush,
      CommitObserver observer) {
    this.listeners = listeners;
    this.wal = wal;
    this.watermark = watermark;
    this.files = files;
    this.beforeFlush = beforeFlush;
    this.observer = observer;
  }

  /**
   * Starts the thread.
   *
   * @param idle called each time the disk has become idle
   */
  void start(Runnable idle) {
    this.idle = idle;
    thread.start();
    files.start(this::lose);
  }

  /** Whether the disk is busy with submitted groups. */
  boolean isFlushing() {
    return unflushed.get() > 0;
  }

  /** Whether a flush has failed or a file was lost: nothing can be committed any more. */
  boolean isBroken() {
    return broken != null;
  }

  /** Whether a flush has failed, so that nobody knows what the disk holds. */
  boolean hasFailedToFlush() {
    return failedToFlush;
  }

  /** What updates fail with while the store {@linkplain #isBroken() is broken}. */
  StoreException refusal() {
    return refusal;
  }

  /**
   * Returns whether the disk confirms flushes.
   *
   * @param up what is returned if it does
   */
  PartHealth health(PartHealth up) {
    return broken == null
        ? up
        : new PartHealth(false, brokenTime, String.valueOf(refusal.getMessage()));
  }

  /**
   * Submits a group that was committed.
   *
   * @param alone whether the writer has nothing else to do. If no other group is in progress, the
   *     writer's thread then flushes and completes this one itself: waking the flusher would take
   *     longer than it saves
   */
  void committed(long commit, List<Change> changes, List<PendingUpdate<?>> updates, boolean alone) {
    Group group = new Group(commit, true, false, () -> publish(changes), updates);
    unflushed.incrementAndGet();
    if (alone && incomplete.get() == 0) {
      complete(List.of(group));
    } else {
      put(group);
    }
  }

  private void publish(List<Change> changes) {
    listeners.publish(changes);
    observer.changed(changes);
  }

  /** Submits a group that changed nothing, but depends on what earlier groups may have written. */
  void unchanged(List<PendingUpdate<?>> updates) {
    put(new Group(0, false, false, () -> {}, updates));
  }

  /** Submits a group of which nothing was committed: its updates have failed. */
  void failed(List<? extends PendingUpdate<?>> updates) {
    put(new Group(0, false, true, () -> {}, updates));
  }

  /** Submits a group that may have been committed or not: its updates have failed. */
  void unknown(long commit, List<PendingUpdate<?>> updates) {
    put(new Group(commit, false, true, listeners::publishMissed, updates));
  }

  private void put(Group group) {
    incomplete.incrementAndGet();
    Uninterruptibles.run(() -> queue.put(group));
  }

  /** Waits until all submitted groups are completed, and stops the thread. */
  void finish() {
    put(END);
    Uninterruptibles.run(thread::join);
  }

  private void run() {
    List<Group> groups = new ArrayList<>();
    boolean last = false;
    while (!last) {
      groups.add(Uninterruptibles.get(queue::take));
      queue.drainTo(groups);
      last = groups.remove(END);
      complete(groups);
      incomplete.addAndGet(-groups.size());
      groups.clear();
    }
  }

  /** Runs on the flusher's thread, or on the writer's while the flusher is idle. */
  private void complete(List<Group> groups) {
    flush(groups);
    groups.forEach(this::publishAndComplete);
  }

  /** Makes all these groups durable with one flush. */
  private void flush(List<Group> groups) {
    int wrote = 0;
    int updates = 0;
    long commit = 0;
    for (Group group : groups) {
      wrote += group.wrote() ? 1 : 0;
      updates += group.wrote() ? group.updates().size() : 0;
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
      Path missing = files.missingNow();
      if (missing != null) {
        observer.failed(updates);
        lose(missing);
        return;
      }
      observer.committed(updates, System.nanoTime() - begun);
    } catch (IOException | RuntimeException e) {
      failedToFlush = true;
      observer.failed(updates);
      stop(
          SqliteFailures.unflushed(e),
          SqliteFailures.stopped(),
          () ->
              LOG.error(
                  "The disk failed to confirm a flush of the write-ahead log. The store stops.",
                  e));
    }
  }

  /** A file of the database is gone: what is written is not found by a restart. */
  private void lose(Path file) {
    boolean isCompanion = files.isCompanion(file);
    stop(
        SqliteFailures.lostFile(file, isCompanion, Outcome.UNKNOWN),
        SqliteFailures.lostFile(file, isCompanion, Outcome.NOT_APPLIED),
        () ->
            LOG.error(
                "{} was deleted or replaced while the server had it open. The store stops. {}",
                file,
                SqliteFailures.afterLoss(isCompanion)));
  }

  /**
   * Called by the thread that flushes, or by the one that checks the files; the first one wins, and
   * alone writes to the log.
   */
  private void stop(StoreException unknown, StoreException refused, Runnable report) {
    synchronized (this) {
      if (broken != null) {
        return;
      }
      refusal = refused;
      brokenTime = Instant.now();
      broken = unknown;
    }
    report.run();
    watermark.stop(refused);
    // Before any update is completed: a caller that sees the failure also sees the health status.
    listeners.publishStopped();
  }

  private void publishAndComplete(Group group) {
    StoreException failure = broken;
    if (failure == null || group.failed()) {
      group.publish().run();
    } else {
      listeners.publishMissed();
      group.updates().forEach(update -> update.fail(failure));
    }
    group.updates().forEach(PendingUpdate::complete);
  }
}
