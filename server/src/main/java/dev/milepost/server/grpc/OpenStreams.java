package dev.milepost.server.grpc;

import dev.milepost.server.watch.WatchException;
import io.grpc.Context;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The open client streams, so that each can be ended when the server stops or when its caller's
 * credential expires. Thread-safe.
 */
@Singleton
public final class OpenStreams implements AutoCloseable {
  private final Reauthorization reauthorization;
  private final Set<Open> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  @Inject
  OpenStreams(Reauthorization reauthorization) {
    this.reauthorization = reauthorization;
  }

  /**
   * Tracks the stream that is being opened until its call ends.
   *
   * @param end fails the stream after what it has received is processed; must do nothing if it has
   *     ended
   */
  void watch(Consumer<Throwable> end) {
    Open stream = new Open(end);
    open.add(stream);
    CallScope.atEnd(stream);
    reauthorization.watch(end::accept);
    if (closed) {
      end.accept(new WatchException.Draining());
    }
  }

  /** Ends every stream. */
  @Override
  public void close() {
    closed = true;
    open.forEach(stream -> stream.end.accept(new WatchException.Draining()));
  }

  /** Compared by identity. */
  private final class Open implements Context.CancellationListener {
    private final Consumer<Throwable> end;

    Open(Consumer<Throwable> end) {
      this.end = end;
    }

    @Override
    public void cancelled(Context over) {
      open.remove(this);
    }
  }
}
