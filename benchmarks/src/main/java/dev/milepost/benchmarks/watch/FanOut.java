package dev.milepost.benchmarks.watch;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.process.ServerProcess;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Sends messages to all watchers, each when all have received the previous one. */
final class FanOut implements Variant {
  /** Sent even in a shorter phase, so that a slow reader misses some. */
  private static final int MIN_MESSAGES = 5;

  private final String name;
  private final FanOutSource source;
  private final WatcherGroup listeners;
  private final boolean eachReceipt;

  /**
   * Closes neither the source nor its watchers.
   *
   * @param eachReceipt whether to record the latency of each receipt instead of the last one of
   *     each message
   */
  FanOut(String name, FanOutSource source, WatcherGroup listeners, boolean eachReceipt) {
    this.name = name;
    this.source = source;
    this.listeners = listeners;
    this.eachReceipt = eachReceipt;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public ServerProcess server() {
    return source.server();
  }

  @Override
  public PhaseResult run(Duration length) throws Exception {
    Histogram each = new ConcurrentHistogram(WatcherGroup.MAX_NANOS, 3);
    Histogram last = new Histogram(WatcherGroup.MAX_NANOS, 3);
    long start = System.nanoTime();
    long elapsed = 0;
    while (elapsed < length.toNanos() || last.getTotalCount() < MIN_MESSAGES) {
      last.recordValue(Math.min(send(each), WatcherGroup.MAX_NANOS));
      elapsed = System.nanoTime() - start;
    }
    return new PhaseResult(last.getTotalCount(), elapsed, eachReceipt ? each : last);
  }

  /**
   * Sends one message.
   *
   * @param each receives the latency of each watcher; thread-safe
   * @return nanoseconds until the last watcher has received it
   */
  long send(Histogram each) throws Exception {
    FanOutRound round = listeners.begin(source.last() + 1, each);
    CompletableFuture<Void> acknowledged = source.send();
    long nanos = round.await();
    acknowledged.get(60, TimeUnit.SECONDS);
    return nanos;
  }

  @Override
  public void close() {}
}
