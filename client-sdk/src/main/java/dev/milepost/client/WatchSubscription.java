package dev.milepost.client;

import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers a feed's events to a subscriber: one at a time, and no more than it requested.
 * Thread-safe.
 *
 * @param <E> type of the events
 */
final class WatchSubscription<E> implements Flow.Subscription {
  private static final Logger LOG = LoggerFactory.getLogger(WatchSubscription.class);

  /** Number of events after which a busy subscription lets others use its thread. */
  private static final int MAX_BURST = 64;

  private final WatchFeed<?, ?, E> feed;
  private final Flow.Subscriber<? super E> subscriber;
  private final Executor executor;
  private final AtomicLong demand = new AtomicLong();
  private final AtomicInteger work = new AtomicInteger();
  private volatile boolean invalidRequest;
  private volatile boolean over;

  WatchSubscription(
      WatchFeed<?, ?, E> feed, Flow.Subscriber<? super E> subscriber, Executor executor) {
    this.feed = feed;
    this.subscriber = subscriber;
    this.executor = executor;
  }

  void start() {
    subscriber.onSubscribe(this);
    feed.listen(this::schedule);
    schedule();
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      invalidRequest = true;
    } else {
      demand.accumulateAndGet(n, (now, more) -> now + more < 0 ? Long.MAX_VALUE : now + more);
    }
    schedule();
  }

  @Override
  public void cancel() {
    over = true;
    feed.close();
  }

  private void schedule() {
    if (work.getAndIncrement() == 0) {
      execute();
    }
  }

  private void execute() {
    try {
      executor.execute(this::drain);
    } catch (RejectedExecutionException e) {
      // The executor of the application is shut down: nothing can be delivered any more.
      cancel();
      subscriber.onError(e);
    }
  }

  private void drain() {
    int seen;
    do {
      seen = work.get();
      try {
        if (!deliver()) {
          execute();
          return;
        }
      } catch (Throwable e) {
        // An Error too: otherwise the subscription would stay open, and deliver nothing more.
        cancel();
        fail(e);
      }
    } while (!work.compareAndSet(seen, 0));
  }

  private void fail(Throwable thrown) {
    try {
      subscriber.onError(thrown);
    } catch (Throwable ofOnError) {
      LOG.warn("The onError method of a watch's subscriber threw an exception.", ofOnError);
    }
  }

  /** Delivers what is there; returns false if there may be more. */
  private boolean deliver() {
    for (int i = 0; i < MAX_BURST && !over; i++) {
      if (invalidRequest) {
        cancel();
        subscriber.onError(new IllegalArgumentException("request(n): n must be greater than 0"));
        return true;
      }
      boolean done = feed.isDone();
      E event = demand.get() > 0 ? feed.poll() : null;
      if (event != null) {
        demand.decrementAndGet();
        subscriber.onNext(event);
      } else if (done && feed.buffered() == 0) {
        over = true;
        end();
      } else {
        return true;
      }
    }
    return over;
  }

  private void end() {
    JobException failure = feed.failure();
    if (failure == null) {
      subscriber.onComplete();
    } else {
      subscriber.onError(failure);
    }
  }
}
