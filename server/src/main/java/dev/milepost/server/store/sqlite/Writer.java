package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.Change;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one that changes the database. Its thread takes all decisions that wait, makes one
 * transaction of them, and hands their answers to the completer once it is durable; what arrives
 * meanwhile is the next group. So a commit, which costs the disk's own time, is shared by as many
 * as came during the one before.
 */
final class Writer {
  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

  /** Pages in the log after which they are moved into the database, though there is work to do. */
  private static final int CHECKPOINT_PAGES = 8_192;

  private static final long IDLE_MILLIS = 1_000;
  private static final int IDLE_SWEEP = 1_000;

  private final Tables tables;
  private final InstantSource clock;
  private final SqliteOptions options;
  private final Completer completer;
  private final CommitObserver observer;
  private final HotJobs hot = new HotJobs();
  private final BlockingQueue<Task<?>> queue;
  private final Thread thread = new Thread(this::run, "milepost-store-writer");
  private final GroupPace pace = new GroupPace();
  private volatile boolean closing;
  private volatile boolean ended;
  private int pagesInLog;
  private boolean failing;

  Writer(
      Tables tables,
      InstantSource clock,
      SqliteOptions options,
      Completer completer,
      CommitObserver observer) {
    this.tables = tables;
    this.clock = clock;
    this.options = options;
    this.completer = completer;
    this.observer = observer;
    this.queue = new LinkedBlockingQueue<>(options.queueLimit());
  }

  void start() {
    thread.start();
  }

  <R> CompletionStage<R> update(Selection selection, Function<Found, Decision<R>> decide) {
    Task<R> task = new Task<>(selection, decide);
    if (closing) {
      answer(task, Failures.closed());
    } else if (!queue.offer(task)) {
      answer(task, Failures.overloaded());
    } else if (ended && queue.remove(task)) {
      // The writer ended between the first look and the offer, and will not come to it.
      answer(task, Failures.closed());
    }
    return task.stage();
  }

  private static void answer(Task<?> task, StoreException failure) {
    task.fail(failure);
    task.answer();
  }

  /** Ends when all that was handed in is committed; its answers are with the completer then. */
  void finish() {
    closing = true;
    // Wakes the writer if it waits. Where the queue is full it does not.
    queue.offer(Task.nothing());
    Threads.await(thread::join);
  }

  private void run() {
    List<Task<?>> tasks = new ArrayList<>();
    while (!closing || !queue.isEmpty()) {
      Task<?> first = poll();
      if (first == null) {
        idle();
        continue;
      }
      tasks.add(first);
      pace.await(() -> queue.size() + 1);
      queue.drainTo(tasks, options.groupLimit() - 1);
      work(tasks);
      tasks = new ArrayList<>();
      if (pagesInLog >= CHECKPOINT_PAGES) {
        checkpoint();
      }
    }
    ended = true;
    List<Task<?>> late = new ArrayList<>();
    queue.drainTo(late);
    late.forEach(task -> task.fail(Failures.closed()));
    completer.accept(List.of(), late);
  }

  private @Nullable Task<?> poll() {
    try {
      return queue.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      // Nobody may stop the writer but by closing the store.
      return null;
    }
  }

  private void work(List<Task<?>> tasks) {
    Group group = new Group(tables, hot, clock);
    try {
      for (Task<?> task : tasks) {
        group.decide(task);
      }
      group.write();
    } catch (SQLException e) {
      abandon(tasks, Failures.notApplied(e));
      return;
    } catch (RuntimeException | Error e) {
      abandon(tasks, Failures.fault(Outcome.NOT_APPLIED, e));
      return;
    }
    List<Change> changes = List.of();
    if (group.isBegun()) {
      try {
        long begun = System.nanoTime();
        tables.commit();
        long took = System.nanoTime() - begun;
        pace.committed(tasks.size(), took);
        observer.committed(tasks.size(), took);
        changes = group.committed();
        pagesInLog += group.pages();
        options.afterCommit().run();
      } catch (SQLException e) {
        abandon(tasks, Failures.ofCommit(e));
        return;
      } catch (RuntimeException | Error e) {
        abandon(tasks, Failures.fault(Outcome.UNKNOWN, e));
        return;
      }
      failing = false;
    }
    completer.accept(changes, tasks);
  }

  private void abandon(List<Task<?>> tasks, StoreException failure) {
    observer.failed(tasks.size());
    if (!failing) {
      // Once, and not for every group until somebody has freed some space.
      failing = true;
      LOG.error("Changes could not be committed.", failure);
    }
    hot.clear();
    try {
      tables.rollback();
    } catch (SQLException e) {
      // Most often SQLite has rolled back by itself.
      LOG.debug("Nothing was rolled back.", e);
    }
    tasks.forEach(task -> task.fail(failure));
    if (failure.outcome() == Outcome.UNKNOWN) {
      completer.acceptUnknown(tasks);
    } else {
      completer.accept(List.of(), tasks);
    }
  }

  private void idle() {
    try {
      tables.requests().sweep(clock.instant(), IDLE_SWEEP);
    } catch (SQLException e) {
      LOG.warn("Expired requests could not be swept.", e);
      tables.recover();
    }
    if (pagesInLog > 0) {
      checkpoint();
    }
  }

  /** Between groups: nobody waits for it but who comes meanwhile. */
  private void checkpoint() {
    try {
      // Where a reader held it up, it is tried again later.
      pagesInLog = tables.checkpoint() ? 0 : CHECKPOINT_PAGES / 2;
    } catch (SQLException e) {
      LOG.warn("The log could not be moved into the database.", e);
      tables.recover();
      pagesInLog = CHECKPOINT_PAGES / 2;
    }
  }
}
