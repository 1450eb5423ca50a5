package dev.milepost.server.job;

import java.time.Duration;
import java.time.Instant;

/**
 * A reading of the clock that decides: its time, and what the server knows of that clock's jumps
 * and of its own pauses.
 *
 * <p>Readings of the same run can be compared. If a record was written at one of them and is read
 * at another, the clock was set meanwhile by the difference of their {@code jumpedMicros}, and the
 * server was paused for the difference of their {@code pausedMicros}.
 *
 * @param now the time, in microseconds
 * @param run random id of the run of a clock, since only readings of one clock in one process can
 *     be compared; 0 if nothing but the time is known
 * @param jumpedMicros sum of all jumps in this run: positive forward, negative back
 * @param jumpedBackMicros sum of the jumps back in this run, as a positive number
 * @param pausedMicros sum of all pauses in this run
 * @param servingSince when the server started, or the clock last jumped, or the last pause ended,
 *     whichever is latest: what workers did before is not known. Never after {@code now}
 */
public record ClockReading(
    Instant now,
    long run,
    long jumpedMicros,
    long jumpedBackMicros,
    long pausedMicros,
    Instant servingSince) {
  /** Truncates the times to the precision of stores. */
  public ClockReading {
    now = Times.truncate(now);
    servingSince = Times.truncate(servingSince);
  }

  /** A reading of a clock of which nothing but the time is known. */
  public static ClockReading at(Instant now) {
    return new ClockReading(now, 0, 0, 0, 0, Instant.EPOCH);
  }

  /** Returns when a wait that starts now is over. */
  Instant after(Duration wait) {
    return Times.truncate(now.plus(wait));
  }
}
