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

/** Sends the calls of a soak: first as fast as possible, then at a fixed rate. */
final class SoakDriver {
  private static final int IN_FLIGHT = 16;
  private static final int MAX_IN_FLIGHT = 1_000;
  private static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long CALL_TIMEOUT_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final SoakMix mix;
  private final Recorder reports = new Recorder(MAX_NANOS, 3);
  private final AtomicLong number = new AtomicLong();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicLong skippedCalls = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  SoakDriver(SoakMix mix) {
    this.mix = mix;
  }

  /** Returns the calls per second of a closed loop. */
  double fastest(Duration length) throws InterruptedException {
    return ClosedLoop.run(IN_FLIGHT, length, (slot, operation) -> sendNext(operation)).perSecond();
  }

  private void sendNext(ClosedLoop.Operation operation) {
    SoakCall call =
        new SoakCall(
            new SoakCall.Callback() {
              @Override
              public void recorded() {
                operation.done();
              }

              @Override
              public void done() {
                operation.done();
              }

              @Override
              public void failed(Throwable reason) {
                operation.failed(reason);
              }
            });
    // Terminates, because a create is never skipped.
    while (!mix.send(number.getAndIncrement(), call)) {
      Thread.onSpinWait();
    }
  }

  /** Sends at a fixed rate and waits for the last response. */
  void run(Duration length, double perSecond) throws InterruptedException {
    new OpenLoop(System::nanoTime, LockSupport::parkNanos)
        .run(System.nanoTime(), length.toNanos(), perSecond, (i, intended) -> send(intended));
    long deadline = System.nanoTime() + CALL_TIMEOUT_NANOS;
    while (inFlight.get() > 0) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("calls were not answered in time");
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
    requireNoFailure();
  }

  private void send(long intended) {
    requireNoFailure();
    if (inFlight.get() >= MAX_IN_FLIGHT) {
      skippedCalls.incrementAndGet();
      return;
    }
    inFlight.incrementAndGet();
    if (!mix.send(number.getAndIncrement(), new SoakCall(new Timed(intended)))) {
      inFlight.decrementAndGet();
      skippedCalls.incrementAndGet();
    }
  }

  private void requireNoFailure() {
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a call failed: " + failed, failed);
    }
  }

  /** Returns the latencies of reports since the last call. */
  Histogram takeReports() {
    return reports.getIntervalHistogram();
  }

  /** Calls that were skipped for lack of a job or because too many were in flight. */
  long skippedCalls() {
    return skippedCalls.get();
  }

  private final class Timed implements SoakCall.Callback {
    private final long intended;

    Timed(long intended) {
      this.intended = intended;
    }

    @Override
    public void recorded() {
      reports.recordValue(Math.min(System.nanoTime() - intended, MAX_NANOS));
      done();
    }

    @Override
    public void done() {
      inFlight.decrementAndGet();
    }

    @Override
    public void failed(Throwable reason) {
      failure.compareAndSet(null, reason);
      inFlight.decrementAndGet();
    }
  }
}
