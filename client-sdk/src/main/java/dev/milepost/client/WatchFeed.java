package dev.milepost.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of one watch: a few messages of the server, held until they are consumed, and a
 * connection that is made anew where it breaks. Thread-safe.
 *
 * @param <Q> the request
 * @param <R> the messages
 * @param <E> the events
 */
final class WatchFeed<Q, R, E> {
  private static final Logger LOG = LoggerFactory.getLogger(WatchFeed.class);

  private final ClientCore core;
  private final WatchProtocol<Q, R, E> protocol;
  private final Backoff backoff = Backoff.standard();
  private final Deque<Batch<Q, R, E>> batches = new ArrayDeque<>();
  private final long startNanos = System.nanoTime();
  private @Nullable WatchConnection<Q, R> connection;
  private @Nullable JobException failure;
  private Runnable listener = () -> {};
  private long consumed;
  private boolean reached;

  /** Whether the present connection has brought anything. */
  private boolean heard;

  private boolean done;

  WatchFeed(ClientCore core, WatchProtocol<Q, R, E> protocol) {
    this.core = core;
    this.protocol = protocol;
    this.consumed = protocol.sequence();
  }

  /** Connects, and resumes after what was received. */
  synchronized void connect() {
    if (done) {
      return;
    }
    WatchConnection<Q, R> next = new WatchConnection<>(this, core, protocol.idleTimeout());
    connection = next;
    heard = false;
    next.start(protocol.method(), protocol.request());
  }

  /** Is called whenever there may be something to poll. */
  synchronized void listen(Runnable whenChanged) {
    listener = whenChanged;
  }

  /** The next event, if one is there. */
  synchronized @Nullable E poll() {
    while (true) {
      Batch<Q, R, E> batch = batches.peek();
      if (batch == null) {
        return null;
      }
      E event = batch.events().poll();
      if (batch.events().isEmpty()) {
        batches.remove();
        consumed = batch.sequence();
        if (batch.origin() == connection) {
          batch.origin().requestNext();
        }
      }
      if (event != null) {
        consumed = Math.max(consumed, protocol.sequenceAfter(event));
        return event;
      }
    }
  }

  /** Waits for the next event; null at the end. */
  synchronized @Nullable E take() throws InterruptedException {
    E event = poll();
    while (event == null && !done) {
      wait();
      event = poll();
    }
    if (event == null && failure != null) {
      throw failure;
    }
    return event;
  }

  /** Whether nothing follows after what can be polled. */
  synchronized boolean isDone() {
    return done;
  }

  /** Why the watch ended before all was said; null where it did not. */
  synchronized @Nullable JobException failure() {
    return failure;
  }

  /** Position of what was consumed. */
  synchronized long consumedSequence() {
    return consumed;
  }

  /** Number of messages that wait to be consumed. */
  synchronized int buffered() {
    return batches.size();
  }

  synchronized void close() {
    batches.clear();
    end(null);
  }

  private void end(@Nullable JobException why) {
    if (done) {
      return;
    }
    done = true;
    failure = why;
    WatchConnection<Q, R> open = connection;
    connection = null;
    if (open != null) {
      open.cancel();
    }
    changed();
  }

  private void changed() {
    notifyAll();
    listener.run();
  }

  synchronized void received(WatchConnection<Q, R> from, R message) {
    if (from == connection && !done) {
      reached = true;
      heard = true;
      backoff.reset();
      batches.add(new Batch<>(protocol.advance(message), protocol.sequence(), from));
      changed();
    }
  }

  /** The server ended the stream as if all were said. It is only where the protocol says so. */
  synchronized void completed(WatchConnection<Q, R> from) {
    if (from != connection) {
      return;
    }
    if (protocol.isComplete()) {
      end(null);
    } else {
      reconnect(ServerError.of(io.grpc.Status.UNAVAILABLE.asException()));
    }
  }

  synchronized void broken(WatchConnection<Q, R> from, ServerError error) {
    if (from != connection || done) {
      return;
    }
    Duration tried = Duration.ofNanos(System.nanoTime() - startNanos);
    boolean gaveUp = !reached && tried.compareTo(core.calls().callTimeout()) > 0;
    // A credential that ends does so in the middle of a watch; the next one may be there already.
    boolean mayBeRotated = heard && error.code() == io.grpc.Status.Code.UNAUTHENTICATED;
    if (gaveUp || !(mayPass(error) || mayBeRotated || protocol.restartsAfter(error))) {
      end(error.toException());
    } else {
      reconnect(error);
    }
  }

  private static boolean mayPass(ServerError error) {
    return switch (error.code()) {
      case UNAVAILABLE,
          DEADLINE_EXCEEDED,
          RESOURCE_EXHAUSTED,
          CANCELLED,
          UNKNOWN,
          INTERNAL,
          DATA_LOSS,
          ABORTED ->
          true;
      case OK,
          INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          UNAUTHENTICATED,
          FAILED_PRECONDITION,
          OUT_OF_RANGE,
          UNIMPLEMENTED ->
          false;
    };
  }

  private void reconnect(ServerError error) {
    Duration wait = backoff.next(error);
    LOG.debug(
        "The watch of {} broke; again in {} ms.", protocol.what(), wait.toMillis(), error.cause());
    connection = null;
    if (!core.timer().runIn(wait, this::connectAgain)) {
      end(error.toException());
    }
  }

  private void connectAgain() {
    core.calls().resetConnectBackoff();
    connect();
  }

  /**
   * The events of one message.
   *
   * @param sequence position once they are consumed
   */
  private record Batch<Q, R, E>(Deque<E> events, long sequence, WatchConnection<Q, R> origin) {}
}
