package dev.milepost.client;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The two ways to consume a watch: a loop that blocks, or one subscriber. Thread-safe, but for its
 * iterators.
 *
 * @param <E> the events
 */
final class WatchReader<E> {
  private static final Flow.Subscription NO_SUBSCRIPTION =
      new Flow.Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
      };

  private final WatchFeed<?, ?, E> feed;
  private final Executor executor;
  private final AtomicBoolean subscribed = new AtomicBoolean();

  /** Begins the watch. */
  WatchReader(ClientCore core, WatchProtocol<?, ?, E> protocol) {
    this.feed = new WatchFeed<>(core, protocol);
    this.executor = core.executor();
    feed.connect();
  }

  WatchFeed<?, ?, E> feed() {
    return feed;
  }

  Iterator<E> iterator() {
    return new Events();
  }

  void subscribe(Flow.Subscriber<? super E> subscriber) {
    Objects.requireNonNull(subscriber);
    if (subscribed.compareAndSet(false, true)) {
      new WatchSubscription<>(feed, subscriber, executor).start();
    } else {
      subscriber.onSubscribe(NO_SUBSCRIPTION);
      subscriber.onError(new IllegalStateException("a watch has but one subscriber"));
    }
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
