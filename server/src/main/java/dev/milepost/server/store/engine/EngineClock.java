package dev.milepost.server.store.engine;

import dev.milepost.server.job.ClockReading;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.StoreClock;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's time, computed from the time that has elapsed since the engine was last asked: so
 * the clocks of servers may differ, and may be set. Each response is compared with what was
 * expected, to find out whether the engine's clock was set. Thread-safe.
 */
public final class EngineClock implements StoreClock {
  private static final Logger LOG = LoggerFactory.getLogger(EngineClock.class);

  /**
   * The engine's clock may differ so much from what was expected, beside the uncertainty of the
   * response: it is followed.
   */
  static final Duration MAX_DRIFT = Duration.ofMillis(500);

  private static final long MAX_AGE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final SecureRandom RANDOM = new SecureRandom();

  /**
   * What is known since the last response.
   *
   * @param engine the engine's time at the reference
   * @param nanos the elapsed time at the reference
   * @param asked the local clock when the engine was last asked
   * @param pausedMicros the pauses of the server until {@code servingSince}
   */
  private record State(
      Instant engine,
      long nanos,
      ClockReading asked,
      long pausedMicros,
      long jumpedMicros,
      long jumpedBackMicros,
      Instant servingSince) {
    Instant at(long now) {
      return engine.plusNanos(now - nanos);
    }
  }

  private final StoreClock local;
  private final LongSupplier machineNanos;
  private final CommitObserver observer;
  private final long run = newRun();
  private volatile @Nullable State state;

  /**
   * Asks the engine for its time.
   *
   * @param <E> failure of the request
   */
  public interface Question<E extends Exception> {
    /** Returns the engine's time at some moment between request and response. */
    Instant ask() throws E;
  }

  /**
   * Returns the readings of the local clock until the engine has been asked.
   *
   * @param local this machine's clock, which knows of the pauses of this server
   * @param machineNanos the machine's elapsed time
   * @param observer is notified of the jumps of the engine's clock
   */
  public EngineClock(StoreClock local, LongSupplier machineNanos, CommitObserver observer) {
    this.local = local;
    this.machineNanos = machineNanos;
    this.observer = observer;
  }

  static long newRun() {
    long run = 0;
    while (run == 0) {
      run = RANDOM.nextLong();
    }
    return run;
  }

  /** Asks the engine. */
  public <E extends Exception> void set(Question<E> question) throws E {
    long asked = nanoTime();
    answered(asked, question.ask());
  }

  /**
   * Asks the engine if the time may be wrong: the server was paused, or the local clock was set,
   * which is also what a suspended machine sees when it goes on. A decision before that could be
   * one that the other servers have made long ago.
   */
  public <E extends Exception> void setIfUncertain(Question<E> question) throws E {
    State known = state;
    if (known != null) {
      ClockReading here = local.read();
      if (here.jumpedMicros() != known.asked.jumpedMicros()
          || here.pausedMicros() != known.asked.pausedMicros()) {
        set(question);
      }
    }
  }

  /** Asks the engine if it was not asked within the last second: it may have been set. */
  public <E extends Exception> void setIfOld(Question<E> question) throws E {
    State known = state;
    if (known != null && nanoTime() - known.nanos >= MAX_AGE_NANOS) {
      set(question);
    }
  }

  /** Returns the elapsed time, for {@link #answered}. */
  public long nanoTime() {
    return machineNanos.getAsLong();
  }

  /**
   * Takes a response of the engine. If it agrees with what was expected, within its uncertainty,
   * nothing changes.
   *
   * @param askedNanos the elapsed time before the request
   * @param engine the engine's time at some moment since
   */
  public synchronized void answered(long askedNanos, Instant engine) {
    ClockReading here = local.read();
    long nanos = nanoTime();
    State known = state;
    // At this moment the engine's time is between these two.
    Instant min = engine;
    Instant max = engine.plusNanos(nanos - askedNanos);
    if (known == null) {
      Instant middle = engine.plusNanos((nanos - askedNanos) / 2);
      state = new State(middle, nanos, here, here.pausedMicros(), 0, 0, middle);
      return;
    }
    Instant expected = known.at(nanos);
    Instant now = expected;
    if (expected.isBefore(min)) {
      now = min;
    } else if (expected.isAfter(max)) {
      now = max;
    }
    Duration step = Duration.between(expected, now);
    long jump = step.abs().compareTo(MAX_DRIFT) > 0 ? step.toNanos() / 1_000 : 0;
    boolean wasPaused = here.pausedMicros() != known.pausedMicros;
    state =
        new State(
            now,
            nanos,
            here,
            here.pausedMicros(),
            known.jumpedMicros + jump,
            known.jumpedBackMicros + Math.max(0, -jump),
            jump != 0 || wasPaused ? now : known.servingSince);
    if (jump != 0) {
      LOG.warn(
          "The clock of the store was set {} by {} s, or this machine was suspended. Leases and"
              + " timeouts follow the elapsed time.",
          jump > 0 ? "forward" : "back",
          ElapsedClock.seconds(Math.abs(jump)));
      observer.clockJumped(jump);
    }
  }

  @Override
  public ClockReading read() {
    ClockReading here = local.read();
    State known = state;
    if (known == null) {
      return here;
    }
    if (here.pausedMicros() != known.pausedMicros) {
      known = paused(here);
    }
    return new ClockReading(
        known.at(nanoTime()),
        run,
        known.jumpedMicros,
        known.jumpedBackMicros,
        known.pausedMicros,
        known.servingSince);
  }

  /** The server was paused: it serves since now. */
  private synchronized State paused(ClockReading here) {
    State known = Objects.requireNonNull(state);
    if (here.pausedMicros() > known.pausedMicros) {
      known =
          new State(
              known.engine,
              known.nanos,
              known.asked,
              here.pausedMicros(),
              known.jumpedMicros,
              known.jumpedBackMicros,
              known.at(nanoTime()));
      state = known;
    }
    return known;
  }

  @Override
  public Instant instant() {
    return read().now();
  }
}
