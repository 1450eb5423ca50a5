package dev.milepost.server.store.engine;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.job.ClockReading;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.StoreClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wall clock of this machine, compared with the elapsed time at each reading: so it knows when
 * it was set. A thread beats four times a second; if nothing of the process has run for long, the
 * server was paused: stopped, suspended, overloaded, or collecting garbage.
 *
 * <p>Thread-safe. A reading takes no lock. Its time and what it says of jumps and pauses belong
 * together: a reading before a jump is never counted as one after it, however threads are
 * scheduled.
 */
public final class ElapsedClock implements StoreClock, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ElapsedClock.class);

  /**
   * The wall clock may differ so much from the elapsed time since the last beat, as it is being
   * slewed or was set a little: it is followed.
   */
  static final Duration MAX_DRIFT = Duration.ofMillis(500);

  /** A process that did not run for so long was paused. */
  static final Duration MIN_PAUSE = Duration.ofSeconds(2);

  private static final long BEAT_MILLIS = 250;

  /** After this time a reading moves the reference itself, if nothing beats. */
  private static final long MAX_REFERENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** If reading both clocks takes longer, the thread was suspended in between. */
  private static final long MAX_READ_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * What is known since the last change.
   *
   * @param wall the wall clock at the reference
   * @param nanos the elapsed time at the reference
   * @param beatNanos the machine's elapsed time at the last beat
   */
  private record State(
      Instant wall,
      long nanos,
      long beatNanos,
      long jumpedMicros,
      long jumpedBackMicros,
      long pausedMicros,
      Instant servingSince) {}

  private final TimeSource time;
  private final LongSupplier machineNanos;
  private final CommitObserver observer;
  private final long run = EngineClock.newRun();
  private final AtomicReference<State> state;
  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(1, ThreadFactories.daemon("milepost-clock"));

  /** Whether the beat has begun: without it, nothing is known of pauses. */
  private volatile boolean beats;

  /**
   * A clock that serves since now.
   *
   * @param time the wall clock, and the elapsed time to compare it with
   * @param machineNanos the machine's elapsed time. The process was paused only if both elapsed
   *     times agree: a test that advances its own does not pause the server
   * @param observer is notified of jumps and pauses
   */
  public ElapsedClock(TimeSource time, LongSupplier machineNanos, CommitObserver observer) {
    this.time = time;
    this.machineNanos = machineNanos;
    this.observer = observer;
    Instant now = time.instant();
    this.state =
        new AtomicReference<>(
            new State(now, time.wallNanoTime(), machineNanos.getAsLong(), 0, 0, 0, now));
  }

  /** The server serves since now. Starts the beat, which ends when the clock is closed. */
  public void start() {
    beat();
    state.updateAndGet(
        known ->
            new State(
                known.wall,
                known.nanos,
                known.beatNanos,
                known.jumpedMicros,
                known.jumpedBackMicros,
                known.pausedMicros,
                known.wall));
    beats = true;
    var unused =
        thread.scheduleWithFixedDelay(this::beat, BEAT_MILLIS, BEAT_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public ClockReading read() {
    return read(false);
  }

  @Override
  public Instant instant() {
    return read().now();
  }

  /** Says that the process runs. */
  void beat() {
    var unused = read(true);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }

  private ClockReading read(boolean isBeat) {
    while (true) {
      // Read first: what is read of the clocks then is not older than the reference.
      State known = Objects.requireNonNull(state.get());
      long begun = time.wallNanoTime();
      Instant wall = time.instant();
      long nanos = time.wallNanoTime();
      if (nanos - begun > MAX_READ_NANOS) {
        continue;
      }
      long elapsed = nanos - known.nanos;
      long jump = jump(known, wall, elapsed);
      long pause = pause(known, elapsed);
      if (jump == 0 && pause == 0 && !isBeat && elapsed < MAX_REFERENCE_NANOS) {
        return reading(known, wall);
      }
      State next =
          new State(
              wall,
              nanos,
              isBeat || pause != 0 ? machineNanos.getAsLong() : known.beatNanos,
              known.jumpedMicros + jump,
              known.jumpedBackMicros + Math.max(0, -jump),
              known.pausedMicros + pause,
              jump != 0 || pause != 0 ? wall : known.servingSince);
      if (state.compareAndSet(known, next)) {
        report(jump, pause);
        return reading(next, wall);
      }
    }
  }

  private ClockReading reading(State at, Instant wall) {
    return new ClockReading(
        wall, run, at.jumpedMicros, at.jumpedBackMicros, at.pausedMicros, at.servingSince);
  }

  /** Returns by how much the wall clock was set, in microseconds; 0 if it was not. */
  private static long jump(State known, Instant wall, long elapsed) {
    Duration step = Duration.between(known.wall, wall).minusNanos(elapsed);
    return step.abs().compareTo(MAX_DRIFT) > 0 ? step.toNanos() / 1_000 : 0;
  }

  /** Returns how long the process was paused, in microseconds; 0 if it was not. */
  private long pause(State known, long elapsed) {
    if (!beats || elapsed <= MIN_PAUSE.toNanos()) {
      return 0;
    }
    long silent = machineNanos.getAsLong() - known.beatNanos;
    boolean isSame = Math.abs(silent - elapsed) <= MAX_REFERENCE_NANOS;
    return silent > MIN_PAUSE.toNanos() && isSame ? TimeUnit.NANOSECONDS.toMicros(elapsed) : 0;
  }

  private void report(long jump, long pause) {
    if (jump != 0) {
      LOG.warn(
          "The clock of this machine was set {} by {} s. Leases and timeouts follow the elapsed"
              + " time.",
          jump > 0 ? "forward" : "back",
          seconds(Math.abs(jump)));
      observer.clockJumped(jump);
    }
    if (pause != 0) {
      LOG.warn(
          "This server was paused for {} s: it was stopped or suspended, or the machine is"
              + " overloaded. Leases and grace periods last longer by that.",
          seconds(pause));
      observer.paused(pause);
    }
  }

  static String seconds(long micros) {
    return Double.toString(Math.round(micros / 1e5) / 10.0);
  }
}
