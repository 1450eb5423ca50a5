package dev.milepost.server.watch;

import dev.milepost.server.concurrent.SerialExecutor;
import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part that all hubs share: the executor that their cursors are confined to, opening, bookmarks
 * and the end of the server. Thread-safe.
 *
 * <p>Since everything runs in one executor, a snapshot and the changes after it cannot overtake
 * each other, and no lock is held while a message is sent.
 */
final class WatchLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WatchLoop.class);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final Supplier<List<Cursor<?>>> cursors;
  private final TimeSource time;
  private final WatchObserver observer;
  private final ScheduledThreadPoolExecutor thread;
  private final SerialExecutor executor;

  /** Confined to the executor. */
  private boolean closing;

  /**
   * Starts the loop.
   *
   * @param name of its thread
   * @param bookmarkInterval a watch that has sent nothing for this long sends a bookmark
   * @param time tells how long a watch has sent nothing
   * @param observer notified of watches that open and close
   * @param cursors returns a copy of all open cursors; called in the executor
   * @param scan called in the executor, several times in each bookmark interval
   */
  WatchLoop(
      String name,
      Duration bookmarkInterval,
      TimeSource time,
      WatchObserver observer,
      Supplier<List<Cursor<?>>> cursors,
      Runnable scan) {
    this.cursors = cursors;
    this.time = time;
    this.observer = observer;
    this.thread = new ScheduledThreadPoolExecutor(1, ThreadFactories.daemon(name));
    thread.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    this.executor = new SerialExecutor(thread);
    Runnable tick =
        () -> {
          scan.run();
          cursors.get().forEach(cursor -> cursor.bookmarkIfIdle(bookmarkInterval.toNanos()));
        };
    long period = Math.max(1, bookmarkInterval.toMillis() / 4);
    var unused =
        thread.scheduleWithFixedDelay(() -> execute(tick), period, period, TimeUnit.MILLISECONDS);
  }

  /**
   * Opens a watch.
   *
   * @param start makes the source of its messages and adds the cursor to a set, in the executor;
   *     may throw, which fails the watch
   */
  <T> Watch open(WatchSink<T> sink, Function<Cursor<T>, WatchSource> start) {
    Cursor<T> cursor = new Cursor<>(this, sink);
    execute(() -> cursor.begin(start));
    return cursor;
  }

  WatchObserver observer() {
    return observer;
  }

  /** Returns the elapsed time, as {@link TimeSource#nanoTime()} does. */
  long nanoTime() {
    return time.nanoTime();
  }

  /** Runs a task in the executor, later. */
  void execute(Runnable task) {
    executor.execute(task);
  }

  /** Runs a task on this thread if the executor is idle, otherwise later in the executor. */
  void runIfIdle(Runnable task) {
    executor.runIfIdle(task);
  }

  /** Runs a task in the executor after a delay; never, if the loop is closed by then. */
  void schedule(Runnable task, Duration delay) {
    try {
      var unused = thread.schedule(() -> execute(task), delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("The server stopped before a scheduled task could run.");
    }
  }

  /** Fails every watch. In the executor. */
  void failAll(RuntimeException reason) {
    cursors.get().forEach(cursor -> cursor.fail(reason));
  }

  /**
   * Fails if the server is shutting down. In the executor.
   *
   * @throws WatchException.Draining if it is
   */
  void requireOpen() {
    if (closing) {
      throw new WatchException.Draining();
    }
  }

  /**
   * Fails every watch, as the server is shutting down, and blocks until that is done. Later watches
   * fail at once.
   */
  @Override
  public void close() {
    CountDownLatch done = new CountDownLatch(1);
    execute(
        () -> {
          closing = true;
          failAll(new WatchException.Draining());
        });
    execute(done::countDown);
    try {
      if (!done.await(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("Some watches could not be ended within {}.", CLOSE_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread.shutdown();
  }
}
