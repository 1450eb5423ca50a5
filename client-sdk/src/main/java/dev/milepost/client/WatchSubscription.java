package dev.milepost.client;

import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Delivers a feed's events to a subscriber: one at a time, and no more than it requested.
 * Thread-safe.
 *
 * @param <E> type of the events
 */
final class WatchSubscription<E> implements Flow.Subscription {
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
      executor.execute(this::drain);
    }
  }

  private void drain() {
    int seen;
    do {
      seen = work.get();
      try {
        deliver();
      } catch (RuntimeException e) {
        cancel();
        subscriber.onError(e);
      }
    } while (!work.compareAndSet(seen, 0));
  }

  private void deliver() {
    while (!over) {
      if (invalidRequest) {
        cancel();
        subscriber.onError(new IllegalArgumentException("request(n): n must be greater than 0"));
        return;
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
        return;
      }
    }
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
