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
 * Keeps a number of things under way for a time: who has finished begins again. Used once.
 *
 * <p>Only what was answered within the time counts; where nothing was, the first that is, with the
 * time that it took. What is under way at its end is waited for, so that the next phase begins with
 * a quiet server.
 */
public final class ClosedLoop {
  private static final long MOST_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final Duration ANSWER = Duration.ofSeconds(60);

  private final Histogram latencies = new ConcurrentHistogram(MOST_NANOS, 3);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final CountDownLatch open;
  private final int slots;
  private volatile long start;
  private volatile long end;

  /** When the first was answered, where nothing was in time; else 0. Guarded by this. */
  private long late;

  private ClosedLoop(int slots) {
    this.slots = slots;
    this.open = new CountDownLatch(slots);
  }

  /** Begins one thing of a slot; its end is to be told to the turn. */
  public interface Task {
    void begin(int slot, Turn turn);
  }

  /** One thing under way. */
  public final class Turn {
    private final int slot;
    private final Task task;
    private final long begun = System.nanoTime();

    private Turn(int slot, Task task) {
      this.slot = slot;
      this.task = task;
    }

    /** It went well. */
    public void done() {
      long now = System.nanoTime();
      if (now >= end) {
        late(now, now - begun);
        open.countDown();
        return;
      }
      latencies.recordValue(Math.min(now - begun, MOST_NANOS));
      task.begin(slot, new Turn(slot, task));
    }

    /** It went wrong, and with it the run. */
    public void failed(Throwable reason) {
      failure.compareAndSet(null, reason);
      open.countDown();
    }
  }

  private synchronized void late(long now, long nanos) {
    if (late == 0 && latencies.getTotalCount() == 0) {
      latencies.recordValue(Math.min(nanos, MOST_NANOS));
      late = now;
    }
  }

  private synchronized long elapsed() {
    return (late == 0 ? end : late) - start;
  }

  /** Runs so many slots for so long. */
  public static PhaseResult run(int slots, Duration length, Task task) throws InterruptedException {
    return new ClosedLoop(slots).work(length, task);
  }

  private PhaseResult work(Duration length, Task task) throws InterruptedException {
    start = System.nanoTime();
    end = start + length.toNanos();
    for (int slot = 0; slot < slots; slot++) {
      task.begin(slot, new Turn(slot, task));
    }
    boolean allEnded = open.await(length.plus(ANSWER).toMillis(), TimeUnit.MILLISECONDS);
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a call failed, so nothing was measured: " + failed, failed);
    }
    if (!allEnded) {
      throw new IllegalStateException("calls stay without an answer");
    }
    return new PhaseResult(latencies.getTotalCount(), elapsed(), latencies);
  }
}
