package dev.milepost.benchmarks.soak;

import dev.milepost.benchmarks.load.ClosedLoop;
import dev.milepost.benchmarks.load.OpenLoop;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/** Sends the calls of a soak: first as fast as they are answered, then at a rate. */
final class SoakDriver {
  private static final int AT_ONCE = 16;
  private static final int MOST_UNDER_WAY = 1_000;
  private static final long MOST_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long ANSWER_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final SoakMix mix;
  private final Recorder reports = new Recorder(MOST_NANOS, 3);
  private final AtomicLong number = new AtomicLong();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicLong leftOut = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  SoakDriver(SoakMix mix) {
    this.mix = mix;
  }

  /** Calls a second, where each answer sends the next. */
  double fastest(Duration length) throws InterruptedException {
    return ClosedLoop.run(AT_ONCE, length, (slot, turn) -> sendNext(turn)).perSecond();
  }

  private void sendNext(ClosedLoop.Turn turn) {
    SoakCall call =
        new SoakCall(
            new SoakCall.Ending() {
              @Override
              public void recorded() {
                turn.done();
              }

              @Override
              public void done() {
                turn.done();
              }

              @Override
              public void failed(Throwable reason) {
                turn.failed(reason);
              }
            });
    // Ends: a create is never left out.
    while (!mix.send(number.getAndIncrement(), call)) {
      Thread.onSpinWait();
    }
  }

  /** Sends at a rate for so long, and waits for the last answer. */
  void run(Duration length, double perSecond) throws InterruptedException {
    new OpenLoop(System::nanoTime, LockSupport::parkNanos)
        .run(System.nanoTime(), length.toNanos(), perSecond, (i, intended) -> send(intended));
    long deadline = System.nanoTime() + ANSWER_NANOS;
    while (underWay.get() > 0) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("calls stay without an answer");
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
    requireNoFailure();
  }

  private void send(long intended) {
    requireNoFailure();
    if (underWay.get() >= MOST_UNDER_WAY) {
      leftOut.incrementAndGet();
      return;
    }
    underWay.incrementAndGet();
    if (!mix.send(number.getAndIncrement(), new SoakCall(new Timed(intended)))) {
      underWay.decrementAndGet();
      leftOut.incrementAndGet();
    }
  }

  private void requireNoFailure() {
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a call failed: " + failed, failed);
    }
  }

  /** Latencies of the reports since the last time. */
  Histogram takeReports() {
    return reports.getIntervalHistogram();
  }

  /** Calls that were not sent, since there was too little to do them with or too many under way. */
  long leftOut() {
    return leftOut.get();
  }

  private final class Timed implements SoakCall.Ending {
    private final long intended;

    Timed(long intended) {
      this.intended = intended;
    }

    @Override
    public void recorded() {
      reports.recordValue(Math.min(System.nanoTime() - intended, MOST_NANOS));
      done();
    }

    @Override
    public void done() {
      underWay.decrementAndGet();
    }

    @Override
    public void failed(Throwable reason) {
      failure.compareAndSet(null, reason);
      underWay.decrementAndGet();
    }
  }
}
