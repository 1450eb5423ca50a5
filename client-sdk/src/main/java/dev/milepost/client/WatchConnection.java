package dev.milepost.client;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a watch. Requests a message from the server whenever one is consumed, and gives
 * up on a server that sends none of the requested messages, not even a bookmark, within the idle
 * timeout. Thread-safe.
 *
 * @param <Q> type of the request
 * @param <R> type of the server's messages
 */
final class WatchConnection<Q, R> implements ClientResponseObserver<Q, R> {
  /** Maximum number of messages that wait to be consumed. */
  static final int PREFETCH = 4;

  private static final int CHECKS_PER_TIMEOUT = 4;

  private final WatchFeed<Q, R, ?> feed;
  private final ClientCore core;
  private final Duration idleTimeout;
  private @Nullable ClientCallStreamObserver<Q> call;

  /** Requested messages that have not arrived. */
  private int outstanding = PREFETCH;

  private long idleSinceNanos = System.nanoTime();
  private boolean over;

  WatchConnection(WatchFeed<Q, R, ?> feed, ClientCore core, Duration idleTimeout) {
    this.feed = feed;
    this.core = core;
    this.idleTimeout = idleTimeout;
  }

  void start(MethodDescriptor<Q, R> method, Q request) {
    ClientCalls.asyncServerStreamingCall(
        core.calls().channel().newCall(method, CallOptions.DEFAULT), request, this);
    checkLater();
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<Q> requests) {
    requests.disableAutoRequestWithInitial(PREFETCH);
    synchronized (this) {
      call = requests;
    }
  }

  /** A message was consumed. */
  void requestNext() {
    ClientCallStreamObserver<Q> open;
    synchronized (this) {
      if (outstanding == 0) {
        idleSinceNanos = System.nanoTime();
      }
      outstanding++;
      open = over ? null : call;
    }
    if (open != null) {
      open.request(1);
    }
  }

  void cancel() {
    ClientCallStreamObserver<Q> open;
    synchronized (this) {
      open = over ? null : call;
      over = true;
    }
    if (open != null) {
      open.cancel("the watch was closed", null);
    }
  }

  private void checkLater() {
    core.timer().runIn(idleTimeout.dividedBy(CHECKS_PER_TIMEOUT), this::check);
  }

  private void check() {
    boolean dead;
    synchronized (this) {
      if (over) {
        return;
      }
      dead = outstanding > 0 && System.nanoTime() - idleSinceNanos > idleTimeout.toNanos();
    }
    if (dead) {
      core.calls().replaceConnection();
      cancel();
      feed.broken(
          this, ServerError.of(Status.UNAVAILABLE.withDescription("idle timeout").asException()));
    } else {
      checkLater();
    }
  }

  @Override
  public void onNext(R message) {
    synchronized (this) {
      outstanding--;
      idleSinceNanos = System.nanoTime();
    }
    feed.received(this, message);
  }

  @Override
  public void onError(Throwable thrown) {
    markOver();
    feed.broken(this, ServerError.of(thrown));
  }

  @Override
  public void onCompleted() {
    markOver();
    feed.completed(this);
  }

  private synchronized void markOver() {
    over = true;
  }
}
