package dev.milepost.benchmarks.watch;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.process.ServerProcess;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Sends one message after the other to all who listen, each when all have got the one before. */
final class FanOut implements Variant {
  /** So many messages are sent however short the time is: a slow reader must have missed some. */
  private static final int LEAST = 5;

  private final String name;
  private final FanOutSource source;
  private final WatcherGroup listeners;
  private final boolean eachReceipt;

  /**
   * Uses the source and its listeners, and leaves them to whoever made them.
   *
   * @param eachReceipt whether latencies are those of every receipt, and not of the last of each
   *     message
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
    Histogram each = new ConcurrentHistogram(WatcherGroup.MOST_NANOS, 3);
    Histogram last = new Histogram(WatcherGroup.MOST_NANOS, 3);
    long start = System.nanoTime();
    long elapsed = 0;
    while (elapsed < length.toNanos() || last.getTotalCount() < LEAST) {
      last.recordValue(Math.min(send(each), WatcherGroup.MOST_NANOS));
      elapsed = System.nanoTime() - start;
    }
    return new PhaseResult(last.getTotalCount(), elapsed, eachReceipt ? each : last);
  }

  /**
   * Sends one message.
   *
   * @param each takes how long it took to each listener; safe for use by several threads
   * @return nanoseconds until the last has got it
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
