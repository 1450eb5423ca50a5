package dev.milepost.benchmarks.watch;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.OpenLoop;
import dev.milepost.benchmarks.process.ServerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Reports at a fixed rate on running jobs with one watcher each. Measures the time until the
 * watcher has seen a report.
 */
final class WatchLatency implements Variant {
  private static final double PER_SECOND = 500;
  private static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final ServerProcess server;
  private final Connection reporter;
  private final Connection watcher;
  private final List<WatchedJob> jobs = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile Histogram latencies = new ConcurrentHistogram(MAX_NANOS, 3);

  /** Does not close the server. */
  WatchLatency(ServerProcess server, int count) {
    this.server = server;
    this.reporter = new Connection(server.address(), "user-0");
    this.watcher = new Connection(server.address(), "user-0");
    for (int i = 0; i < count; i++) {
      jobs.add(
          new WatchedJob(
              reporter,
              watcher,
              nanos -> latencies.recordValue(Math.min(nanos, MAX_NANOS)),
              reason -> failure.compareAndSet(null, reason)));
    }
  }

  @Override
  public String name() {
    return "report-to-watcher";
  }

  @Override
  public ServerProcess server() {
    return server;
  }

  @Override
  public PhaseResult run(Duration length) throws InterruptedException {
    Histogram current = new ConcurrentHistogram(MAX_NANOS, 3);
    latencies = current;
    new OpenLoop(System::nanoTime, LockSupport::parkNanos)
        .run(
            System.nanoTime(),
            length.toNanos(),
            PER_SECOND,
            (index, intended) -> jobs.get((int) (index % jobs.size())).report(intended));
    awaitIdle();
    return new PhaseResult(current.getTotalCount(), length.toNanos(), current);
  }

  /** Waits for the last reports, so that the next phase starts with an idle server. */
  private void awaitIdle() throws InterruptedException {
    long deadline = System.nanoTime() + MAX_NANOS;
    while (failure.get() == null
        && System.nanoTime() < deadline
        && !jobs.stream().allMatch(WatchedJob::isIdle)) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException(
          "a stream failed, so nothing was measured: " + failed, failed);
    }
  }

  /** Fails if the store or a watcher lacks a report. */
  void check() {
    jobs.forEach(WatchedJob::check);
  }

  @Override
  public void close() {
    reporter.close();
    watcher.close();
  }
}
