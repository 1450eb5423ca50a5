package dev.milepost.server.watch;

import dev.milepost.server.concurrent.SerialExecutor;
import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.JournalQuery;
import dev.milepost.server.store.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the store's changes to those who watch.
 *
 * <p>All feeds and watchers live in one lane, so that a snapshot and the changes after it cannot
 * overtake each other, and no lock is held while a message is sent. The store's thread hands
 * changes over, and only those of watched jobs. Where few watch and nothing else is to do, it sends
 * them itself: a message to a stream that is ready takes less time than to wake another thread, and
 * nobody waits for one that is not.
 */
public final class JobWatchHub implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobWatchHub.class);
  private static final int RECENT_ENTRIES = 512;
  private static final int PAGE = 200;

  /** Messages that the store's thread sends itself: some ten microseconds each. */
  private static final int FEW = 4;

  private final JobStore store;
  private final int recentEntries;
  private final Duration bookmarkAfter;
  private final WatchObserver observer;
  private final Map<JobKey, JobFeed> feeds = new ConcurrentHashMap<>();
  private final JobWatcher.Keeper keeper = new Keeper();
  private final ScheduledThreadPoolExecutor thread;
  private final SerialExecutor executor;
  private final Subscription subscription;

  /** Confined to the executor. */
  private boolean closing;

  /**
   * A hub over a store.
   *
   * @param journalCap entries of a kind that the store keeps of a journal
   * @param bookmarkAfter a watch that has sent nothing for so long sends a bookmark
   * @param observer is told how the watches fare
   */
  public JobWatchHub(
      JobStore store, int journalCap, Duration bookmarkAfter, WatchObserver observer) {
    this.store = store;
    this.recentEntries = Math.min(RECENT_ENTRIES, journalCap);
    this.bookmarkAfter = bookmarkAfter;
    this.observer = observer;
    this.thread = new ScheduledThreadPoolExecutor(1, ThreadFactories.daemon("milepost-watch"));
    thread.setRemoveOnCancelPolicy(true);
    this.executor = new SerialExecutor(thread);
    long tick = Math.max(1, bookmarkAfter.toMillis() / 4);
    var unused =
        thread.scheduleWithFixedDelay(
            () -> later(this::sendBookmarks), tick, tick, TimeUnit.MILLISECONDS);
    this.subscription = store.subscribe(new Listener());
  }

  /**
   * Starts a watch. It sends at once, and then whenever there is something new and the sink is
   * ready; the caller says {@link Watch#ready()} when it has become so.
   */
  public Watch open(JobKey key, JobWatchOptions options, JobWatchSink sink) {
    OpenWatch watch = new OpenWatch();
    later(() -> watch.begin(key, options, sink));
    return watch;
  }

  /** Whether anybody watches a job. */
  public boolean isWatched(JobKey key) {
    return feeds.containsKey(key);
  }

  /**
   * Tells every watch that the server stops. Blocks until all are told; later watches are refused
   * at once.
   */
  @Override
  public void close() {
    subscription.close();
    CountDownLatch told = new CountDownLatch(1);
    later(
        () -> {
          closing = true;
          for (JobFeed feed : List.copyOf(feeds.values())) {
            feed.failAll(new WatchException.Draining());
          }
        });
    later(told::countDown);
    try {
      if (!told.await(10, TimeUnit.SECONDS)) {
        LOG.warn("Some watches could not be told that the server stops.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    thread.shutdown();
  }

  private JobFeed feedOf(JobKey key) {
    JobFeed feed = feeds.get(key);
    if (feed == null) {
      feed = new JobFeed(key, recentEntries);
      // Before the read: what is committed after the read is told to this feed.
      feeds.put(key, feed);
      load(feed);
    }
    return feed;
  }

  private void load(JobFeed feed) {
    store
        .get(List.of(feed.key()))
        .whenComplete(
            (found, failure) ->
                later(
                    () -> {
                      if (failure != null) {
                        feed.failAll(failure);
                      } else if (found.isEmpty()) {
                        feed.failAll(new Refusal.JobNotFound(feed.key().jobId()));
                      } else {
                        feed.learn(found.get(0));
                        feed.signalAll();
                      }
                    }));
  }

  private void sendBookmarks() {
    int behind = 0;
    long mostEntries = 0;
    for (JobFeed feed : feeds.values()) {
      for (JobWatcher watcher : feed.watchers()) {
        long entries = watcher.entriesBehind();
        behind += entries > 0 ? 1 : 0;
        mostEntries = Math.max(mostEntries, entries);
        watcher.bookmarkIfIdle(bookmarkAfter.toNanos());
      }
    }
    observer.lookedAt(behind, mostEntries);
  }

  private void apply(List<Change> changes) {
    for (Change change : changes) {
      JobFeed feed = feeds.get(change.key());
      if (feed == null) {
        continue;
      }
      if (change.after() == null) {
        feed.failAll(new Refusal.JobNotFound(change.key().jobId()));
      } else {
        feed.apply(change);
        if (feed.latest() != null) {
          feed.signalAll();
        }
      }
    }
  }

  private void later(Runnable task) {
    executor.execute(guarded(task));
  }

  private boolean areFew(List<Change> changes) {
    int watchers = 0;
    for (Change change : changes) {
      JobFeed feed = feeds.get(change.key());
      watchers += feed == null ? 0 : feed.size();
    }
    return watchers <= FEW;
  }

  /** One watch's fault must not take the thread from all the others. */
  private static Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        LOG.error("A watch failed in an unforeseen way.", e);
      }
    };
  }

  private final class Listener implements ChangeListener {
    @Override
    public void changed(List<Change> changes) {
      List<Change> watched = new ArrayList<>();
      for (Change change : changes) {
        if (feeds.containsKey(change.key())) {
          watched.add(change);
        }
      }
      if (!watched.isEmpty()) {
        long told = System.nanoTime();
        Runnable send =
            guarded(
                () -> {
                  apply(watched);
                  observer.handedOver(System.nanoTime() - told);
                });
        if (areFew(watched)) {
          executor.runIfIdle(send);
        } else {
          executor.execute(send);
        }
      }
    }

    @Override
    public void missed() {
      later(() -> feeds.values().forEach(JobWatchHub.this::load));
    }
  }

  private final class Keeper implements JobWatcher.Keeper {
    @Override
    public void readOn(JobWatcher watcher) {
      store
          .journal(new JournalQuery(watcher.feed().key(), watcher.position(), PAGE))
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
    public void ended(JobWatcher watcher) {
      JobFeed feed = watcher.feed();
      feed.remove(watcher);
      observer.closed();
      if (!feed.isWatched()) {
        feeds.remove(feed.key(), feed);
      }
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
    private @Nullable JobWatcher watcher;

    void begin(JobKey key, JobWatchOptions options, JobWatchSink sink) {
      if (closed) {
        return;
      }
      if (closing) {
        sink.failed(new WatchException.Draining());
        return;
      }
      JobFeed feed = feedOf(key);
      JobWatcher begun = new JobWatcher(feed, options, sink, keeper);
      watcher = begun;
      feed.add(begun);
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
