package dev.milepost.client;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A live stream of events from the server. It survives lost connections: it reconnects and resumes
 * where it stopped.
 *
 * <p>A watch is consumed once: in a loop, which blocks until the next event, or by one subscriber.
 * Each event is delivered once, so mixing them is refused with an {@link IllegalStateException};
 * open another watch instead. Events are fetched from the server as they are consumed, so a slow
 * consumer receives fewer intermediate states and delays no other consumer.
 *
 * <p>If the server rejects the watch, the loop throws, and the subscriber receives, a {@link
 * JobException}: {@link JobNotFoundException}, {@link AccessDeniedException} or {@link
 * InvalidRequestException}; {@link ServerUnavailableException} if no server was reachable within
 * the client's call timeout.
 *
 * <p>Thread-safe, except for its iterators. Close it when done.
 *
 * @param <E> type of the events
 */
public abstract sealed class Watch<E> implements Iterable<E>, Flow.Publisher<E>, AutoCloseable
    permits JobWatch, JobListWatch, ProgressWatch, TaskWatch {
  private static final Flow.Subscription NO_SUBSCRIPTION =
      new Flow.Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
      };

  private final WatchFeed<?, ?, E> feed;
  private final Executor executor;
  private final AtomicReference<@Nullable Use> use = new AtomicReference<>();

  /** How a watch is consumed. */
  private enum Use {
    LOOP,
    SUBSCRIBER
  }

  /** Starts the watch. */
  Watch(ClientCore core, WatchProtocol<?, ?, E> protocol) {
    this.feed = new WatchFeed<>(core, protocol);
    this.executor = core.executor();
    feed.connect();
  }

  /**
   * Returns the events from the current position on. All iterators of a watch share that position;
   * use them on one thread. A loop that was left can so be continued by another one.
   *
   * <p>{@code hasNext} throws {@link CallInterruptedException} if the thread is interrupted, and
   * returns false once the watch is closed.
   *
   * @throws IllegalStateException if the watch has a subscriber
   */
  @Override
  public Iterator<E> iterator() {
    if (!use.compareAndSet(null, Use.LOOP) && use.get() != Use.LOOP) {
      throw new IllegalStateException(
          "This watch has a subscriber, and is consumed only once. Open another watch for the"
              + " loop.");
    }
    return new Events();
  }

  /**
   * Delivers the events on the client's executor, as the subscriber requests them. A subscriber
   * that blocks occupies one of its threads, and with the default executor delays nothing else.
   *
   * <p>A second subscriber, and one of a watch that a loop consumes, receives an {@link
   * IllegalStateException}.
   */
  @Override
  public void subscribe(Flow.Subscriber<? super E> subscriber) {
    Objects.requireNonNull(subscriber);
    if (use.compareAndSet(null, Use.SUBSCRIBER)) {
      new WatchSubscription<>(feed, subscriber, executor).start();
    } else {
      subscriber.onSubscribe(NO_SUBSCRIPTION);
      subscriber.onError(
          new IllegalStateException(
              "This watch is consumed already, by a loop or a subscriber. Open another watch."));
    }
  }

  /** Ends the watch: a loop over it ends, and a subscriber is completed. */
  @Override
  public void close() {
    feed.close();
  }

  /** Number of messages from the server that wait to be consumed. */
  int buffered() {
    return feed.buffered();
  }

  long consumedSequence() {
    return feed.consumedSequence();
  }

  private final class Events implements Iterator<E> {
    private @Nullable E next;

    @Override
    public boolean hasNext() {
      if (next == null) {
        try {
          next = feed.take();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new CallInterruptedException(e);
        }
      }
      return next != null;
    }

    @Override
    public E next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      E event = Objects.requireNonNull(next);
      next = null;
      return event;
    }
  }
}
