package dev.milepost.server.watch;

import dev.milepost.server.concurrent.SerialExecutor;
import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.Subscription;
import dev.milepost.v1.JobFilter;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the store's changes to those who watch many jobs at once.
 *
 * <p>What is committed within a tenth of a second makes one batch, in which a job stands once. A
 * watch is a position among the batches, so that a slow one costs nothing but its position, and
 * falls out when what it needs next is kept no longer. While nobody watches, and has not lately,
 * nothing is gathered.
 */
public final class ListWatchHub implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ListWatchHub.class);
  private static final Duration BATCH = Duration.ofMillis(100);

  /** Who was cut off comes back within so long, and goes on from where it was. */
  private static final Duration GATHERED_ON = Duration.ofMinutes(1);

  private static final int CHANGES_KEPT = 20_000;
  private static final int PAGE = 200;

  /** Names no job. */
  private static final JobKey NOBODY = new JobKey("", "");

  private final JobStore store;
  private final Duration bookmarkAfter;
  private final WatchObserver observer;
  private final ListWatcher.Keeper keeper = new Keeper();
  private final ScheduledThreadPoolExecutor thread;
  private final SerialExecutor executor;
  private final Subscription subscription;

  /** Whether changes are gathered. Written in the executor. */
  private volatile boolean gathering;

  // Confined to the executor.
  private final ChangeBatches batches = new ChangeBatches(CHANGES_KEPT);
  private final Set<ListWatcher> watchers = new HashSet<>();
  private String run = UUID.randomUUID().toString();
  private long lastWatched;
  private boolean closing;

  /**
   * A hub over a store.
   *
   * @param bookmarkAfter a watch that has sent nothing for so long sends a bookmark
   * @param observer is told of watches that open and close
   */
  public ListWatchHub(JobStore store, Duration bookmarkAfter, WatchObserver observer) {
    this.store = store;
    this.observer = observer;
    this.bookmarkAfter = bookmarkAfter;
    this.thread = new ScheduledThreadPoolExecutor(1, ThreadFactories.daemon("milepost-watch-jobs"));
    this.executor = new SerialExecutor(thread);
    long tick = Math.max(1, bookmarkAfter.toMillis() / 4);
    var unused =
        thread.scheduleWithFixedDelay(
            () -> later(this::lookAround), tick, tick, TimeUnit.MILLISECONDS);
    this.subscription = store.subscribe(new Listener());
  }

  /**
   * Starts a watch, with a snapshot or from a position. It sends whenever there is something new
   * and the sink is ready; the caller says {@link Watch#ready()} when it has become so.
   *
   * @param filter which jobs; narrowed to what its caller may see
   * @param position where to go on from; null: a snapshot first
   */
  public Watch open(JobFilter filter, @Nullable ListWatchPosition position, ListWatchSink sink) {
    OpenWatch watch = new OpenWatch();
    later(() -> watch.begin(filter, position, sink));
    return watch;
  }

  /** Tells every watch that the server stops. Blocks until all are told. */
  @Override
  public void close() {
    subscription.close();
    CountDownLatch told = new CountDownLatch(1);
    later(
        () -> {
          closing = true;
          failAll(new WatchException.Draining());
        });
    later(told::countDown);
    try {
      if (!told.await(10, TimeUnit.SECONDS)) {
        LOG.warn("Some watches could not be told that the server stops.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    thread.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    thread.shutdown();
  }

  private void gather(List<Change> changes) {
    if (gathering && batches.gather(changes)) {
      closeBatchSoon();
    }
  }

  private void closeBatchSoon() {
    try {
      var unused =
          thread.schedule(() -> later(this::closeBatch), BATCH.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("A batch was overtaken by the end of the server.");
    }
  }

  private void closeBatch() {
    batches.close();
    for (ListWatcher watcher : List.copyOf(watchers)) {
      watcher.drain();
    }
  }

  private void lookAround() {
    for (ListWatcher watcher : List.copyOf(watchers)) {
      watcher.bookmarkIfIdle(bookmarkAfter.toNanos());
    }
    boolean isForgotten =
        watchers.isEmpty() && System.nanoTime() - lastWatched > GATHERED_ON.toNanos();
    if (gathering && isForgotten) {
      forget();
      gathering = false;
    }
  }

  /** What comes from here on does not follow what was before: nobody may go on from there. */
  private void forget() {
    batches.clear();
    run = UUID.randomUUID().toString();
  }

  private void failAll(RuntimeException reason) {
    for (ListWatcher watcher : List.copyOf(watchers)) {
      watcher.fail(reason);
    }
  }

  /** One watch's fault must not take the executor from all the others. */
  private void later(Runnable task) {
    executor.execute(
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            LOG.error("A watch failed in an unforeseen way.", e);
          }
        });
  }

  private final class Listener implements ChangeListener {
    @Override
    public void changed(List<Change> changes) {
      if (gathering) {
        later(() -> gather(changes));
      }
    }

    @Override
    public void missed() {
      later(
          () -> {
            failAll(new WatchException.TooOld());
            forget();
          });
    }
  }

  private final class Keeper implements ListWatcher.Keeper {
    @Override
    public void readOn(ListWatcher watcher, Optional<String> after) {
      store
          .list(new JobQuery(watcher.filter(), true, after, PAGE))
          .whenComplete(
              (page, failure) ->
                  later(
                      () -> {
                        if (failure != null) {
                          watcher.fail(failure);
                        } else {
                          watcher.deliver(page);
                        }
                      }));
    }

    @Override
    public void catchUp(ListWatcher watcher) {
      // An update is answered after listeners have been told of all that was committed before it.
      store
          .update(Selection.of(NOBODY), found -> Decision.nothing(true))
          .whenComplete(
              (done, failure) ->
                  later(
                      () -> {
                        if (failure != null) {
                          watcher.fail(failure);
                        } else {
                          closeBatch();
                          watcher.caughtUp();
                        }
                      }));
    }

    @Override
    public void ended(ListWatcher watcher) {
      watchers.remove(watcher);
      observer.closed();
      lastWatched = System.nanoTime();
    }

    @Override
    public ChangeBatches batches() {
      return batches;
    }

    @Override
    public String run() {
      return run;
    }

    @Override
    public long nanos() {
      return System.nanoTime();
    }
  }

  /** From the caller's hands into the executor. */
  private final class OpenWatch implements Watch {
    private volatile boolean closed;

    /** Confined to the executor. */
    private @Nullable ListWatcher watcher;

    void begin(JobFilter filter, @Nullable ListWatchPosition position, ListWatchSink sink) {
      if (closed) {
        return;
      }
      if (closing) {
        sink.failed(new WatchException.Draining());
        return;
      }
      if (position != null
          && !(position.run().equals(run) && batches.canGoOnWith(position.batch()))) {
        sink.failed(new WatchException.TooOld());
        return;
      }
      // Before the snapshot is read: what is committed after the read is gathered.
      gathering = true;
      ListWatcher begun = new ListWatcher(filter, position, sink, keeper);
      watcher = begun;
      watchers.add(begun);
      observer.opened();
      begun.drain();
    }

    @Override
    public void ready() {
      later(
          () -> {
            if (watcher != null) {
              watcher.drain();
            }
          });
    }

    @Override
    public void end(RuntimeException reason) {
      later(
          () -> {
            if (watcher != null) {
              watcher.fail(reason);
            }
          });
    }

    @Override
    public void close() {
      closed = true;
      later(
          () -> {
            if (watcher != null) {
              watcher.abandon();
            }
          });
    }
  }
}
