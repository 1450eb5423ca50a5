package dev.milepost.benchmarks.watch;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.Histogram;

/** One message on its way to all who listen. Thread-safe. */
final class FanOutRound {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final long sequence;
  private final Histogram latencies;
  private final AtomicInteger missing;
  private final CompletableFuture<Long> lastReceipt = new CompletableFuture<>();
  private final long begun = System.nanoTime();

  /**
   * Begins now.
   *
   * @param sequence number of the entry that is awaited
   * @param latencies takes how long it took to each listener; safe for use by several threads
   */
  FanOutRound(long sequence, int listeners, Histogram latencies) {
    this.sequence = sequence;
    this.missing = new AtomicInteger(listeners);
    this.latencies = latencies;
  }

  long sequence() {
    return sequence;
  }

  /** It has come to one more listener. */
  void received() {
    long nanos = System.nanoTime() - begun;
    latencies.recordValue(Math.min(nanos, latencies.getHighestTrackableValue()));
    if (missing.decrementAndGet() == 0) {
      lastReceipt.complete(nanos);
    }
  }

  void failed(Throwable reason) {
    lastReceipt.completeExceptionally(reason);
  }

  /** Waits for the last receipt; answers how many nanoseconds that took. */
  long await() throws InterruptedException {
    try {
      return lastReceipt.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "a watcher failed, so nothing was measured: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "%d watchers have not got entry %d".formatted(missing.get(), sequence), e);
    }
  }
}
