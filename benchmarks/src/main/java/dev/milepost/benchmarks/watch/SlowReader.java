package dev.milepost.benchmarks.watch;

import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.JournalOrder;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A watcher that reads one message and then stops, on its own connection with a small flow control
 * window, so that the server cannot send to it. When it resumes, it must receive all that it
 * missed.
 */
final class SlowReader
    implements ClientResponseObserver<WatchJobRequest, WatchJobResponse>, AutoCloseable {
  private static final int WINDOW = 65_535;

  private final Connection connection;
  private final JournalOrder journal = new JournalOrder(0);
  private final CompletableFuture<Void> greeted = new CompletableFuture<>();
  private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
  private volatile long awaited = Long.MAX_VALUE;
  private final AtomicLong statusesSkipped = new AtomicLong();
  private @Nullable ClientCallStreamObserver<WatchJobRequest> stream;

  /** Watches from the start of the journal and reads one message. */
  SlowReader(HotJob job) throws InterruptedException {
    this.connection =
        new Connection(
            job.server().address(), "user-0", channel -> channel.flowControlWindow(WINDOW));
    job.listenFrom(0, connection, this);
    await(greeted);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WatchJobRequest> started) {
    stream = started;
    started.disableAutoRequestWithInitial(1);
  }

  @Override
  public void onNext(WatchJobResponse step) {
    try {
      journal.take(step);
    } catch (IllegalStateException e) {
      onError(e);
      return;
    }
    statusesSkipped.addAndGet(step.getSkippedStatuses());
    greeted.complete(null);
    if (journal.last() >= awaited) {
      caughtUp.complete(null);
    }
  }

  @Override
  public void onError(Throwable reason) {
    greeted.completeExceptionally(reason);
    caughtUp.completeExceptionally(reason);
  }

  @Override
  public void onCompleted() {
    onError(new IllegalStateException("the server closed a watch"));
  }

  /**
   * Resumes reading and waits for an entry. Fails if it does not arrive, or if the server did not
   * have to hold anything back.
   *
   * @param last sequence of an entry that was sent after the first message was read
   */
  void resume(long last) throws InterruptedException {
    awaited = last;
    ClientCallStreamObserver<WatchJobRequest> opened = stream;
    if (opened == null) {
      throw new IllegalStateException("the watch is not open");
    }
    opened.request(Integer.MAX_VALUE);
    await(caughtUp);
    if (statusesSkipped.get() == 0) {
      throw new IllegalStateException("the slow reader was not slow: it missed no status");
    }
  }

  private static void await(CompletableFuture<Void> future) throws InterruptedException {
    try {
      future.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the slow reader failed: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("the slow reader received nothing", e);
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
