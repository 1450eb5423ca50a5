package dev.milepost.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of one watch: buffers a few messages until they are consumed, and reconnects when the
 * connection breaks. Thread-safe.
 *
 * @param <Q> type of the request
 * @param <R> type of the server's messages
 * @param <E> type of the events
 */
final class WatchFeed<Q, R, E> {
  private static final Logger LOG = LoggerFactory.getLogger(WatchFeed.class);

  private final ClientCore core;
  private final WatchProtocol<Q, R, E> protocol;
  private final Backoff backoff = Backoff.standard();
  private final Deque<Batch<Q, R, E>> batches = new ArrayDeque<>();
  private final long startNanos = System.nanoTime();
  private final Tries tries = new Tries();
  private long triedNanos;
  private @Nullable WatchConnection<Q, R> connection;
  private @Nullable JobException failure;
  private Runnable listener = () -> {};
  private long consumed;

  /** Whether any connection of this watch has received a message. */
  private boolean everReceived;

  /** Whether the current connection has received a message. */
  private boolean received;

  private boolean done;

  WatchFeed(ClientCore core, WatchProtocol<Q, R, E> protocol) {
    this.core = core;
    this.protocol = protocol;
    this.consumed = protocol.sequence();
  }

  /** Connects; resumes after the messages received so far. */
  synchronized void connect() {
    if (done) {
      return;
    }
    WatchConnection<Q, R> next = new WatchConnection<>(this, core, protocol.idleTimeout());
    connection = next;
    received = false;
    tries.add();
    triedNanos = System.nanoTime();
    next.start(protocol.method(), protocol.request());
  }

  /** Sets the callback that runs whenever an event may be available. */
  synchronized void listen(Runnable whenChanged) {
    listener = whenChanged;
  }

  /** Returns the next event; null if none is available yet. */
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

  /** Waits for the next event; returns null at the end of the watch. */
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

  /** Whether no events follow those that can be polled now. */
  synchronized boolean isDone() {
    return done;
  }

  /** Why the watch failed; null if it did not. */
  synchronized @Nullable JobException failure() {
    return failure;
  }

  /** Position of the last consumed event. */
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
      everReceived = true;
      received = true;
      core.calls().connectivity().answered();
      backoff.reset();
      batches.add(new Batch<>(protocol.advance(message), protocol.sequence(), from));
      changed();
    }
  }

  /** The server ended the stream without error: reconnects unless the watch is complete. */
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

  /** Reconnects, unless the error is permanent. What interrupts a stream that worked is not. */
  void broken(WatchConnection<Q, R> from, ServerError error) {
    boolean worked;
    long since;
    synchronized (this) {
      worked = from == connection && received;
      since = triedNanos;
    }
    if (worked) {
      broken(from, error, null);
    } else {
      Futures.onDone(
          core.calls().diagnose(error, since), (problem, never) -> broken(from, error, problem));
    }
  }

  private synchronized void broken(
      WatchConnection<Q, R> from, ServerError error, @Nullable ConnectionProblem problem) {
    if (from != connection || done) {
      return;
    }
    Duration tried = Duration.ofNanos(System.nanoTime() - startNanos);
    boolean gaveUp =
        !everReceived
            && (tried.compareTo(core.calls().callTimeout()) > 0
                || (problem != null && problem.isPermanent()));
    // A token may expire during a watch; the token supplier may have a new one already.
    boolean mayBeRotated = received && error.code() == io.grpc.Status.Code.UNAUTHENTICATED;
    boolean isTransient = problem != null || isTransient(error);
    if (gaveUp || !(isTransient || mayBeRotated || protocol.restartsAfter(error))) {
      end(core.calls().failure(protocol.method().getBareMethodName(), tries, error, problem));
    } else {
      reconnect(error);
    }
  }

  private static boolean isTransient(ServerError error) {
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
        "The watch of {} lost its connection; reconnecting in {} ms.",
        protocol.description(),
        wait.toMillis());
    connection = null;
    boolean scheduled =
        core.timer()
            .runIn(
                wait,
                () -> {
                  core.calls().resetConnectBackoff();
                  connect();
                });
    if (!scheduled) {
      end(ClientCore.closed());
    }
  }

  /**
   * The events of one message.
   *
   * @param sequence position after the last of them is consumed
   */
  private record Batch<Q, R, E>(Deque<E> events, long sequence, WatchConnection<Q, R> origin) {}
}
