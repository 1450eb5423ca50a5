package dev.milepost.benchmarks.load;

import dev.milepost.benchmarks.harness.PhaseResult;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a number of operations in flight for some time: each one that completes starts the next.
 * Used once.
 *
 * <p>Only operations that complete within that time count. If none does, the first one to complete
 * counts. The loop waits for those still in flight, so that the next phase starts with an idle
 * server.
 */
public final class ClosedLoop {
  private static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(60);

  private final Histogram latencies = new ConcurrentHistogram(MAX_NANOS, 3);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final CountDownLatch open;
  private final int slots;
  private volatile long start;
  private volatile long end;

  /** Time of the first late completion if there was none in time, else 0. Guarded by this. */
  private long late;

  private ClosedLoop(int slots) {
    this.slots = slots;
    this.open = new CountDownLatch(slots);
  }

  /** Starts an operation of a slot. Must complete or fail it. */
  public interface Starter {
    void begin(int slot, Operation operation);
  }

  /** One operation in flight. */
  public final class Operation {
    private final int slot;
    private final Starter starter;
    private final long started = System.nanoTime();

    private Operation(int slot, Starter starter) {
      this.slot = slot;
      this.starter = starter;
    }

    /** Completes it. */
    public void done() {
      long now = System.nanoTime();
      if (now >= end) {
        late(now, now - started);
        open.countDown();
        return;
      }
      latencies.recordValue(Math.min(now - started, MAX_NANOS));
      starter.begin(slot, new Operation(slot, starter));
    }

    /** Fails it, and with it the run. */
    public void failed(Throwable reason) {
      failure.compareAndSet(null, reason);
      open.countDown();
    }
  }

  private synchronized void late(long now, long nanos) {
    if (late == 0 && latencies.getTotalCount() == 0) {
      latencies.recordValue(Math.min(nanos, MAX_NANOS));
      late = now;
    }
  }

  private synchronized long elapsed() {
    return (late == 0 ? end : late) - start;
  }

  /** Keeps one operation per slot in flight. */
  public static PhaseResult run(int slots, Duration length, Starter starter)
      throws InterruptedException {
    return new ClosedLoop(slots).work(length, starter);
  }

  private PhaseResult work(Duration length, Starter starter) throws InterruptedException {
    start = System.nanoTime();
    end = start + length.toNanos();
    for (int slot = 0; slot < slots; slot++) {
      starter.begin(slot, new Operation(slot, starter));
    }
    boolean allEnded = open.await(length.plus(CALL_TIMEOUT).toMillis(), TimeUnit.MILLISECONDS);
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a call failed, so nothing was measured: " + failed, failed);
    }
    if (!allEnded) {
      throw new IllegalStateException("calls were not answered in time");
    }
    return new PhaseResult(latencies.getTotalCount(), elapsed(), latencies);
  }
}
