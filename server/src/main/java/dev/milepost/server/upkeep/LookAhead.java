package dev.milepost.server.upkeep;

import dev.milepost.server.job.ClockReading;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Finds jobs whose wake time is too late because the clock was set back: by an hour, say. Those
 * that were written before that are due when their wake time is an hour ahead. So wake times up to
 * an hour ahead are read from the moment of the jump on, each once: the tick of such a job sets its
 * wake time again, and leaves those of other jobs.
 *
 * <p>Thread-safe. Polls that overlap may read a range twice, which does no harm.
 */
final class LookAhead {
  /**
   * A range of wake times to read.
   *
   * @param from the earliest
   * @param until the latest
   * @param aheadMicros how far {@code until} is ahead of the clock
   * @param limit number of jobs to read
   */
  record Range(Instant from, Instant until, long aheadMicros, int limit) {}

  private static final int MIN_JOBS = 100;

  /** More jobs that wake at the same microsecond wait for a time that their callers have set. */
  private static final int MAX_JOBS = 1_000;

  private ClockReading last;

  /** How far ahead jobs may be due; 0: none. */
  private long aheadMicros;

  /** Up to here wake times have been read. */
  private Instant position = Instant.EPOCH;

  private int limit = MIN_JOBS;

  /** Starts with a reading of the clock. */
  LookAhead(ClockReading clock) {
    this.last = clock;
  }

  /** Returns the range that is to be read at a reading of the clock; empty if there is none. */
  synchronized Optional<Range> next(ClockReading clock) {
    long back = clock.jumpedBackMicros() - last.jumpedBackMicros();
    long forward = jumpedForward(clock) - jumpedForward(last);
    if (back < 0 || forward < 0) {
      // The poll of an earlier reading was overtaken.
      return Optional.empty();
    }
    last = clock;
    if (back > 0) {
      // If it was set forward too, it is not known which came first.
      aheadMicros += back;
      position = clock.now();
      limit = MIN_JOBS;
    } else {
      aheadMicros = Math.max(0, aheadMicros - forward);
    }
    if (aheadMicros == 0) {
      return Optional.empty();
    }
    Instant until = clock.now().plus(aheadMicros, ChronoUnit.MICROS);
    return until.isBefore(position)
        ? Optional.empty()
        : Optional.of(new Range(position, until, aheadMicros, limit));
  }

  private void moveTo(Instant time) {
    position = time;
    limit = MIN_JOBS;
  }

  private static long jumpedForward(ClockReading clock) {
    return clock.jumpedMicros() + clock.jumpedBackMicros();
  }

  /**
   * Takes what was found and ticked. Returns when the next poll should read on; empty if not before
   * the clock has advanced.
   *
   * @param next wake time of the next job after them
   */
  synchronized Optional<Instant> ticked(Range range, Optional<Instant> next) {
    if (!range.from().equals(position)) {
      // The clock was set back again, or another poll was faster.
      return Optional.of(last.now());
    }
    boolean hasMore = next.isPresent() && !next.get().isAfter(range.until());
    if (!hasMore) {
      moveTo(range.until());
    } else if (next.get().isAfter(range.from())) {
      moveTo(next.get());
    } else if (limit < MAX_JOBS) {
      // All jobs of this slice wake at the same microsecond, and there are more. Those whose wake
      // time was too late are gone from here.
      limit = Math.min(2 * limit, MAX_JOBS);
    } else {
      moveTo(range.from().plus(1, ChronoUnit.MICROS));
    }
    return hasMore
        ? Optional.of(last.now())
        : next.map(wake -> wake.minus(range.aheadMicros(), ChronoUnit.MICROS));
  }
}
