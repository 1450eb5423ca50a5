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
 * One connection of a watch. It asks for a message whenever one was consumed, and takes a server
 * for dead that owes messages and sends none, not even a bookmark. Thread-safe.
 *
 * @param <Q> the request
 * @param <R> the messages
 */
final class WatchConnection<Q, R> implements ClientResponseObserver<Q, R> {
  /** Messages that may wait to be consumed. */
  static final int PREFETCH = 4;

  private static final int CHECKS_PER_SILENCE = 4;

  private final WatchFeed<Q, R, ?> feed;
  private final ClientCore core;
  private final Duration silence;
  private @Nullable ClientCallStreamObserver<Q> call;
  private int owed = PREFETCH;
  private long heardNanos = System.nanoTime();
  private boolean over;

  WatchConnection(WatchFeed<Q, R, ?> feed, ClientCore core, Duration silence) {
    this.feed = feed;
    this.core = core;
    this.silence = silence;
  }

  void start(MethodDescriptor<Q, R> method, Q request) {
    ClientCalls.asyncServerStreamingCall(
        core.calls().newCall(method, CallOptions.DEFAULT), request, this);
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
      if (owed == 0) {
        heardNanos = System.nanoTime();
      }
      owed++;
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
      open.cancel("not watched any more", null);
    }
  }

  private void checkLater() {
    Duration wait = silence.dividedBy(CHECKS_PER_SILENCE);
    core.timer().runIn(wait, this::check);
  }

  private void check() {
    boolean dead;
    synchronized (this) {
      if (over) {
        return;
      }
      dead = owed > 0 && System.nanoTime() - heardNanos > silence.toNanos();
    }
    if (dead) {
      core.calls().replaceConnection();
      cancel();
      feed.broken(
          this, ServerError.of(Status.UNAVAILABLE.withDescription("silence").asException()));
    } else {
      checkLater();
    }
  }

  @Override
  public void onNext(R message) {
    synchronized (this) {
      owed--;
      heardNanos = System.nanoTime();
    }
    feed.received(this, message);
  }

  @Override
  public void onError(Throwable thrown) {
    isOver();
    feed.broken(this, ServerError.of(thrown));
  }

  @Override
  public void onCompleted() {
    isOver();
    feed.completed(this);
  }

  private synchronized void isOver() {
    over = true;
  }
}
