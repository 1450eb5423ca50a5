package dev.milepost.benchmarks.watch;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.Histogram;

/** One message in flight to all watchers. Thread-safe. */
final class FanOutRound {
  private static final Duration RECEIVE_TIMEOUT = Duration.ofSeconds(60);

  private final long sequence;
  private final Histogram latencies;
  private final AtomicInteger missing;
  private final CompletableFuture<Long> lastReceipt = new CompletableFuture<>();
  private final long started = System.nanoTime();

  /**
   * Starts now.
   *
   * @param sequence of the awaited entry
   * @param latencies receives the latency of each watcher; thread-safe
   */
  FanOutRound(long sequence, int listeners, Histogram latencies) {
    this.sequence = sequence;
    this.missing = new AtomicInteger(listeners);
    this.latencies = latencies;
  }

  long sequence() {
    return sequence;
  }

  /** Records that one more watcher has received it. */
  void received() {
    long nanos = System.nanoTime() - started;
    latencies.recordValue(Math.min(nanos, latencies.getHighestTrackableValue()));
    if (missing.decrementAndGet() == 0) {
      lastReceipt.complete(nanos);
    }
  }

  void failed(Throwable reason) {
    lastReceipt.completeExceptionally(reason);
  }

  /** Waits for the last receipt and returns its latency in nanoseconds. */
  long await() throws InterruptedException {
    try {
      return lastReceipt.get(RECEIVE_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "a watcher failed, so nothing was measured: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "%d watchers have not received entry %d".formatted(missing.get(), sequence), e);
    }
  }
}
