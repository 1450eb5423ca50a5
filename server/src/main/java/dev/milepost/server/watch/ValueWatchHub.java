package dev.milepost.server.watch;

import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Subscription;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Keeps values current for those that watch them, such as the statistics of a tenant. Thread-safe.
 *
 * <p>All watches of a key share one value: it is read when its first watch opens, and again when a
 * change may concern it, at most once a second; and every five seconds in any case, for what is no
 * change of a job. Reading takes a tenth of the time at most, and few values are read at once. What
 * nobody watches is not read.
 *
 * <p>A watch is the version that it has sent. A slow one sends the newest value when it is ready,
 * and nothing in between.
 *
 * @param <K> names a value; hashable
 * @param <V> a value
 */
public final class ValueWatchHub<K, V extends ValueWatchHub.Versioned> implements AutoCloseable {
  /** Minimum time between two reads of a value. */
  private static final Duration MIN_INTERVAL = Duration.ofSeconds(1);

  /** Time after which a value is read although nothing has changed. */
  private static final Duration IDLE_INTERVAL = Duration.ofSeconds(5);

  /** After a read, as many times its duration pass before the next one. */
  private static final int MIN_PAUSE_RATIO = 9;

  private static final int MAX_CONCURRENT_READS = 2;

  private final Source<K, V> source;
  private final WatchLoop loop;
  private final Subscription subscription;

  /** Whether anything is watched. Written in the executor. */
  private volatile boolean watched;

  // Confined to the executor.
  private final Map<K, Topic> topics = new HashMap<>();
  private final ArrayDeque<Topic> due = new ArrayDeque<>();
  private int reads;

  /** A value whose newer versions have greater numbers, from 1. */
  public interface Versioned {
    /** Returns the number of this version. */
    long version();
  }

  /** Where values come from. Called by one thread at a time; must not block. */
  public interface Source<K, V> {
    /**
     * Reads a value.
     *
     * @param before the value that was read before; null if there is none
     * @return the same object if nothing has changed
     */
    CompletionStage<V> read(K key, @Nullable V before);

    /** Returns the keys of the values that a change of a job may concern. */
    List<K> concerned(Change change);
  }

  /** Makes the messages of one watch. */
  public interface Messages<V, T> {
    /**
     * Returns what is new in a value.
     *
     * @param sent the version that was sent last; 0: none
     * @return empty if there is nothing to send
     */
    Optional<T> since(V value, long sent);

    /** Returns a message that only shows that the watch is alive. */
    T bookmark();
  }

  /**
   * Subscribes to a store.
   *
   * @param name of the hub's thread
   * @param bookmarkInterval a watch that has sent nothing for this long sends a bookmark
   * @param observer notified of watches that open and close
   */
  public ValueWatchHub(
      String name,
      JobStore store,
      Source<K, V> source,
      Duration bookmarkInterval,
      TimeSource time,
      WatchObserver observer) {
    this.source = source;
    this.loop = new WatchLoop(name, bookmarkInterval, time, observer, this::cursors, () -> {});
    this.subscription = store.subscribe(new Listener());
  }

  /**
   * Opens a watch of a value. If the value cannot be read, all its watches fail with the reason.
   *
   * @param messages called in the hub's executor; must be quick
   */
  public <T> Watch open(K key, Messages<V, T> messages, WatchSink<T> sink) {
    return loop.open(
        sink,
        cursor -> {
          Topic topic = topic(key);
          topic.cursors.add(cursor);
          return new Watcher<>(topic, cursor, messages);
        });
  }

  private Topic topic(K key) {
    Topic known = topics.get(key);
    if (known != null) {
      return known;
    }
    Topic topic = new Topic(key);
    topics.put(key, topic);
    watched = true;
    topic.plan();
    return topic;
  }

  /** Fails every watch with {@link WatchException.Draining}, now and later. Blocks until done. */
  @Override
  public void close() {
    subscription.close();
    loop.close();
  }

  private List<Cursor<?>> cursors() {
    List<Cursor<?>> all = new ArrayList<>();
    topics.values().forEach(topic -> all.addAll(topic.cursors.copy()));
    return all;
  }

  /** Reads what is due, as far as there may be more reads. */
  private void readDue() {
    while (reads < MAX_CONCURRENT_READS && !due.isEmpty()) {
      due.remove().read();
    }
  }

  /** A value that is watched. Confined to the executor. */
  private final class Topic {
    private final K key;
    private final CursorSet cursors = new CursorSet(this::unwatched);
    private @Nullable V newest;

    /** Whether a change may concern it that the last read has not seen. */
    private boolean isDirty = true;

    /** Whether it is being read, or waits for that. */
    private boolean isBusy;

    private long readStart;
    private long readEnd;

    /** Tells the timer that counts from those that were replaced. */
    private int timer;

    Topic(K key) {
      this.key = key;
    }

    void changed() {
      if (!isDirty) {
        isDirty = true;
        plan();
      }
    }

    /** Sets the timer for the next read; when one is in progress, its end does. */
    private void plan() {
      if (!isBusy) {
        int mine = ++timer;
        loop.schedule(() -> timeIsUp(mine), Duration.ofNanos(delay()));
      }
    }

    private long delay() {
      if (newest == null) {
        return 0;
      }
      long interval = (isDirty ? MIN_INTERVAL : IDLE_INTERVAL).toNanos();
      long next = Math.max(readStart + interval, readEnd + MIN_PAUSE_RATIO * (readEnd - readStart));
      return Math.max(0, next - loop.nanoTime());
    }

    private void timeIsUp(int of) {
      if (of == timer && !isBusy && cursors.size() > 0) {
        isBusy = true;
        due.add(this);
        readDue();
      }
    }

    private void read() {
      if (cursors.size() == 0) {
        return; // The last watch has closed while this waited.
      }
      reads++;
      isDirty = false;
      readStart = loop.nanoTime();
      begin().whenComplete((value, failure) -> loop.execute(() -> ended(value, failure)));
    }

    private CompletionStage<V> begin() {
      try {
        return source.read(key, newest);
      } catch (RuntimeException | Error e) {
        return CompletableFuture.failedStage(e);
      }
    }

    private void ended(@Nullable V value, @Nullable Throwable failure) {
      reads--;
      isBusy = false;
      readEnd = loop.nanoTime();
      if (failure != null) {
        cursors.failAll(failure);
      } else {
        newest = value;
        cursors.drainAll();
      }
      if (cursors.size() > 0) {
        plan();
      }
      readDue();
    }

    private void unwatched() {
      timer++;
      // A later watch of this key begins with a value of its own.
      topics.remove(key, this);
      watched = !topics.isEmpty();
    }
  }

  /** One watch: the version that it has sent. Confined to the executor. */
  private final class Watcher<T> implements WatchSource {
    private final Topic topic;
    private final Cursor<T> cursor;
    private final Messages<V, T> messages;
    private long sent;

    Watcher(Topic topic, Cursor<T> cursor, Messages<V, T> messages) {
      this.topic = topic;
      this.cursor = cursor;
      this.messages = messages;
    }

    @Override
    public boolean sendNext() {
      V newest = topic.newest;
      if (newest != null && newest.version() > sent) {
        Optional<T> message = messages.since(newest, sent);
        sent = newest.version();
        message.ifPresent(cursor::send);
      }
      return false;
    }

    @Override
    public void sendBookmark() {
      cursor.send(messages.bookmark());
    }

    @Override
    public String position() {
      return "";
    }
  }

  private final class Listener implements ChangeListener {
    @Override
    public void changed(List<Change> changes) {
      if (!watched) {
        return;
      }
      Set<K> concerned = new HashSet<>();
      changes.forEach(change -> concerned.addAll(source.concerned(change)));
      loop.execute(() -> concerned.forEach(this::changed));
    }

    private void changed(K key) {
      Topic topic = topics.get(key);
      if (topic != null) {
        topic.changed();
      }
    }

    @Override
    public void missed() {
      loop.execute(() -> List.copyOf(topics.values()).forEach(Topic::changed));
    }
  }
}
