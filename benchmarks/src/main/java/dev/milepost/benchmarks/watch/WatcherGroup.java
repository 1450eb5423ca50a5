package dev.milepost.benchmarks.watch;

import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.JournalOrder;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Many watchers of one source on a few connections. One round at a time. */
final class WatcherGroup implements AutoCloseable {
  static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final int CONNECTIONS = 4;

  private final List<Connection> connections = new ArrayList<>();
  private final List<Listener> listeners = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile FanOutRound round;
  private volatile WatchJobResponse lastStep = WatchJobResponse.getDefaultInstance();

  /** Opens the watches and waits for the first message of each. */
  WatcherGroup(FanOutSource source, int count) throws InterruptedException {
    this.round = new FanOutRound(source.last(), count, new ConcurrentHistogram(MAX_NANOS, 3));
    for (int i = 0; i < CONNECTIONS; i++) {
      connections.add(new Connection(source.server().address(), "user-0"));
    }
    for (int i = 0; i < count; i++) {
      Listener listener = new Listener(source.last());
      listeners.add(listener);
      source.listen(connections.get(i % CONNECTIONS), listener);
    }
    round.await();
  }

  /** Starts the next round. Call it before sending the message. */
  FanOutRound begin(long sequence, Histogram latencies) {
    FanOutRound next = new FanOutRound(sequence, listeners.size(), latencies);
    round = next;
    Throwable failed = failure.get();
    if (failed != null) {
      next.failed(failed);
    }
    return next;
  }

  /** The last message that one of them received. */
  WatchJobResponse lastStep() {
    return lastStep;
  }

  /** Fails if one of them has not received each entry up to the last once and in order. */
  void check(long last) {
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a watcher failed: " + failed, failed);
    }
    listeners.forEach(listener -> listener.journal.checkWhole(last));
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
  }

  private final class Listener implements StreamObserver<WatchJobResponse> {
    private final JournalOrder journal;
    private @Nullable FanOutRound counted;

    Listener(long after) {
      this.journal = new JournalOrder(after);
    }

    @Override
    public void onNext(WatchJobResponse step) {
      try {
        journal.take(step);
      } catch (IllegalStateException e) {
        onError(e);
        return;
      }
      FanOutRound current = round;
      if (counted != current && journal.last() >= current.sequence()) {
        counted = current;
        lastStep = step;
        current.received();
      }
    }

    @Override
    public void onError(Throwable reason) {
      failure.compareAndSet(null, reason);
      round.failed(reason);
    }

    @Override
    public void onCompleted() {
      onError(new IllegalStateException("the server closed a watch"));
    }
  }
}
