package dev.milepost.server.watch;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One watch: asks its {@link WatchSource} for the next message whenever its sink is ready, and
 * holds no messages itself. An exception of the source or the sink ends this watch and no other.
 *
 * <p>The methods of {@link Watch} are thread-safe, all others are confined to the loop's executor.
 *
 * @param <T> the messages
 */
final class Cursor<T> implements Watch {
  private static final Logger LOG = LoggerFactory.getLogger(Cursor.class);

  private final WatchLoop loop;
  private final WatchSink<T> sink;
  private volatile boolean closed;

  /** Null before the watch begins and after its end. */
  private @Nullable WatchSource source;

  private @Nullable CursorSet set;
  private int index;
  private boolean reading;
  private long lastSent;

  Cursor(WatchLoop loop, WatchSink<T> sink) {
    this.loop = loop;
    this.sink = sink;
    this.lastSent = loop.nanoTime();
  }

  /** Begins the watch, unless it has been closed meanwhile. */
  void begin(Function<Cursor<T>, WatchSource> start) {
    if (closed) {
      return;
    }
    try {
      loop.requireOpen();
      source = start.apply(this);
    } catch (RuntimeException | Error e) {
      notifyFailed(e, "");
      return;
    }
    loop.observer().opened();
    drain();
  }

  /** Sends everything new while the sink is ready. */
  void drain() {
    try {
      while (source != null && !reading && sink.isReady() && source.sendNext()) {
        // The condition sends.
      }
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  /** Sends one message. For the source, while the sink is ready. */
  void send(T message) {
    lastSent = loop.nanoTime();
    sink.next(message);
  }

  /** Returns whether the sink still takes messages: it may have stopped while the source read. */
  boolean isReady() {
    return sink.isReady();
  }

  /**
   * Waits for a read that the source has started; it is asked for nothing meanwhile.
   *
   * @param then receives the result, unless the read fails, which ends the watch
   */
  <R> void read(CompletionStage<R> stage, Consumer<R> then) {
    reading = true;
    stage.whenComplete(
        (result, failure) ->
            loop.execute(
                () -> {
                  if (failure != null) {
                    fail(failure);
                  } else if (source != null) {
                    take(result, then);
                    drain();
                  }
                }));
  }

  private <R> void take(R result, Consumer<R> then) {
    try {
      then.accept(result);
      reading = false;
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  /** Sends a bookmark if nothing has been sent for a while. */
  void bookmarkIfIdle(long idleNanos) {
    if (source != null && !reading && loop.nanoTime() - lastSent >= idleNanos) {
      try {
        if (sink.isReady()) {
          source.sendBookmark();
        }
      } catch (RuntimeException | Error e) {
        fail(e);
      }
    }
  }

  /** Returns {@link WatchSource#entriesBehind}. */
  long entriesBehind() {
    return source == null ? 0 : source.entriesBehind();
  }

  /** Ends the watch, having sent everything. */
  void complete() {
    release();
    sink.completed();
  }

  /** Ends the watch with a reason, unless it has ended. */
  void fail(Throwable reason) {
    if (source != null) {
      String position = source.position();
      release();
      notifyFailed(reason, position);
    }
  }

  /** Called by the set that this cursor is in, to find it again. */
  void joined(CursorSet set, int index) {
    this.set = set;
    this.index = index;
  }

  int index() {
    return index;
  }

  @Override
  public void ready() {
    loop.execute(this::drain);
  }

  @Override
  public void end(RuntimeException reason) {
    loop.execute(() -> fail(reason));
  }

  @Override
  public void close() {
    closed = true;
    loop.execute(this::release);
  }

  private void notifyFailed(Throwable reason, String position) {
    try {
      sink.failed(reason, position);
    } catch (RuntimeException | Error e) {
      LOG.debug("A watcher could not be notified of the end of its watch.", e);
    }
  }

  private void release() {
    WatchSource ended = source;
    if (ended != null) {
      source = null;
      ended.closed();
      if (set != null) {
        set.remove(this);
      }
      loop.observer().closed();
    }
  }
}
