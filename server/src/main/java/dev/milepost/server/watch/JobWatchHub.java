package dev.milepost.server.watch;

import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Subscription;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.WatchJobResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Publishes the store's changes to the watches of single jobs. Thread-safe.
 *
 * <p>The store's thread passes on only changes of watched jobs. If few watches follow them and the
 * executor is idle, it also sends the messages: that takes less time than to wake another thread,
 * and a sink that is not ready is never waited for.
 */
public final class JobWatchHub implements AutoCloseable {
  private static final int MAX_RECENT_ENTRIES = 512;

  /** Watches that the store's thread may send to itself, at some ten microseconds each. */
  private static final int MAX_DIRECT_SENDS = 4;

  private final JobStore store;
  private final int recentEntries;
  private final WatchObserver observer;
  private final Map<JobKey, JobFeed> feeds = new ConcurrentHashMap<>();
  private final WatchLoop loop;
  private final Subscription subscription;

  /**
   * Subscribes to a store.
   *
   * @param journalCap journal entries of one kind that the store keeps of a job
   * @param bookmarkInterval a watch that has sent nothing for this long sends a bookmark
   * @param time tells how long a watch has sent nothing
   * @param observer notified of watches that open and close
   */
  public JobWatchHub(
      JobStore store,
      int journalCap,
      Duration bookmarkInterval,
      TimeSource time,
      WatchObserver observer) {
    this.store = store;
    this.recentEntries = Math.min(MAX_RECENT_ENTRIES, journalCap);
    this.observer = observer;
    this.loop =
        new WatchLoop(
            "milepost-watch", bookmarkInterval, time, observer, this::cursors, this::scan);
    this.subscription = store.subscribe(new Listener());
  }

  /**
   * Opens a watch. It sends whenever there is something new and the sink is ready; the caller
   * reports by {@link Watch#ready()} that it has become so. A job that does not exist fails the
   * watch with {@link Refusal.JobNotFound}.
   */
  public Watch open(JobKey key, JobWatchOptions options, WatchSink<WatchJobResponse> sink) {
    return loop.open(
        sink,
        cursor -> {
          JobFeed feed = feedOf(key);
          feed.cursors().add(cursor);
          return new JobWatcher(cursor, feed, options, store);
        });
  }

  /** Returns whether any watch follows a job. */
  public boolean isWatched(JobKey key) {
    return feeds.containsKey(key);
  }

  /** Fails every watch with {@link WatchException.Draining}, now and later. Blocks until done. */
  @Override
  public void close() {
    subscription.close();
    loop.close();
  }

  private JobFeed feedOf(JobKey key) {
    JobFeed feed = feeds.get(key);
    if (feed == null) {
      feed = new JobFeed(key, recentEntries, () -> feeds.remove(key));
      // Before the read, so that the feed receives whatever is committed after it.
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
                loop.execute(
                    () -> {
                      if (failure != null) {
                        feed.cursors().failAll(failure);
                      } else if (!found.unreadable().isEmpty()) {
                        feed.cursors().failAll(new Refusal.JobUnreadable(feed.key().jobId()));
                      } else if (found.jobs().isEmpty()) {
                        feed.cursors().failAll(new Refusal.JobNotFound(feed.key().jobId()));
                      } else {
                        feed.update(found.jobs().get(0));
                        feed.cursors().drainAll();
                      }
                    }));
  }

  private List<Cursor<?>> cursors() {
    List<Cursor<?>> all = new ArrayList<>();
    feeds.values().forEach(feed -> all.addAll(feed.cursors().copy()));
    return all;
  }

  private void scan() {
    int behind = 0;
    long maxEntries = 0;
    for (Cursor<?> cursor : cursors()) {
      long entries = cursor.entriesBehind();
      behind += entries > 0 ? 1 : 0;
      maxEntries = Math.max(maxEntries, entries);
    }
    observer.scanned(behind, maxEntries);
  }

  private void apply(List<Change> changes) {
    for (Change change : changes) {
      JobFeed feed = feeds.get(change.key());
      if (feed == null) {
        continue;
      }
      if (change.after() == null) {
        removed(feed, change);
      } else {
        feed.update(change);
        feed.cursors().drainAll();
      }
    }
  }

  /**
   * A job was deleted. Of another server's deletion, the feed may learn after it has read the job
   * that was created with the same id since, which is not affected.
   */
  private void removed(JobFeed feed, Change change) {
    JobRecord latest = feed.latest();
    JobRecord deleted = change.before();
    if (latest == null) {
      load(feed);
    } else if (deleted == null || !Incarnation.isLater(latest, deleted)) {
      feed.cursors().failAll(new Refusal.JobNotFound(change.key().jobId()));
    }
  }

  private final class Listener implements ChangeListener {
    @Override
    public void changed(List<Change> changes) {
      List<Change> watched = new ArrayList<>();
      int watches = 0;
      for (Change change : changes) {
        JobFeed feed = feeds.get(change.key());
        if (feed != null) {
          watched.add(change);
          watches += feed.cursors().size();
        }
      }
      if (watched.isEmpty()) {
        return;
      }
      long published = loop.nanoTime();
      Runnable send =
          () -> {
            apply(watched);
            observer.delivered(loop.nanoTime() - published);
          };
      if (watches <= MAX_DIRECT_SENDS) {
        loop.runIfIdle(send);
      } else {
        loop.execute(send);
      }
    }

    @Override
    public void missed() {
      loop.execute(() -> feeds.values().forEach(JobWatchHub.this::load));
    }
  }
}
