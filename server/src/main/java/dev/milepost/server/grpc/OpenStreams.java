package dev.milepost.server.grpc;

import dev.milepost.server.watch.WatchException;
import io.grpc.Context;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The streams by which callers send, so that each can be told when the server stops, or when nobody
 * knows its caller any more. Thread-safe.
 */
final class OpenStreams implements AutoCloseable {
  private final Reauthorisation reauthorisation;
  private final Set<Open> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  OpenStreams(Reauthorisation reauthorisation) {
    this.reauthorisation = reauthorisation;
  }

  /**
   * Keeps an eye on the stream that is being opened, until its call is over.
   *
   * @param end ends it with a reason, when it has done what it has taken in; does nothing where it
   *     has ended by itself
   */
  void watch(Consumer<Throwable> end) {
    Open stream = new Open(end);
    open.add(stream);
    CallScope.atEnd(stream);
    reauthorisation.watch(end::accept);
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
