package dev.milepost.client;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a job, as it happens: every journal entry once and in order, and the latest
 * status.
 *
 * <p>Use it in a loop, which blocks until the next event and ends after the finished job's last
 * one; or subscribe to it. Either, not both, and one subscriber only. Lost connections are made
 * anew and resumed where they broke. Events are taken from the server as they are consumed: who is
 * slow gets fewer statuses, and holds up nobody else.
 *
 * <p>Where the server refuses, the loop throws (the subscriber gets) a {@link JobException}: {@link
 * JobNotFoundException} (also where the job is deleted meanwhile), {@link AccessDeniedException},
 * {@link InvalidRequestException}; {@link ServerUnavailableException} where it cannot be reached at
 * all.
 */
public final class JobWatch implements Iterable<JobEvent>, Flow.Publisher<JobEvent>, AutoCloseable {
  private final ClientCore core;
  private final WatchFeed feed;
  private final AtomicBoolean subscribed = new AtomicBoolean();

  JobWatch(ClientCore core, String jobId, WatchOptions options) {
    this.core = core;
    this.feed = new WatchFeed(core, jobId, options);
    feed.connect();
  }

  /**
   * The events from here on. All iterators of a watch share its position; use them on one thread.
   *
   * <p>{@code hasNext} throws {@link CallInterruptedException} where the thread is interrupted, and
   * answers false where the watch was closed.
   */
  @Override
  public Iterator<JobEvent> iterator() {
    return new Events();
  }

  /**
   * Has the events delivered on the client's executor, as they are asked for.
   *
   * <p>A second subscriber gets an {@link IllegalStateException}.
   */
  @Override
  public void subscribe(Flow.Subscriber<? super JobEvent> subscriber) {
    Objects.requireNonNull(subscriber);
    if (subscribed.compareAndSet(false, true)) {
      new WatchSubscription(feed, subscriber, core.executor()).start();
    } else {
      subscriber.onSubscribe(NO_SUBSCRIPTION);
      subscriber.onError(new IllegalStateException("a watch has but one subscriber"));
    }
  }

  /** Position in the journal of what was consumed; a later watch can resume after it. */
  public long sequence() {
    return feed.consumedSequence();
  }

  /** Number of messages from the server that wait to be consumed. */
  int buffered() {
    return feed.buffered();
  }

  /** Ends the watch. A loop ends; a subscriber hears of its end. */
  @Override
  public void close() {
    feed.close();
  }

  private static final Flow.Subscription NO_SUBSCRIPTION =
      new Flow.Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
      };

  private final class Events implements Iterator<JobEvent> {
    private @Nullable JobEvent next;

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
    public JobEvent next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      JobEvent event = Objects.requireNonNull(next);
      next = null;
      return event;
    }
  }
}
