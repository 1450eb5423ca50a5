package dev.milepost.server.statistics;

import java.time.Duration;
import java.time.Instant;

/** A time up to now over which is counted, in periods of a fixed length. */
public enum Window {
  /** The last minute, in periods of 5 seconds. */
  MINUTE(5, 12),
  /** The last hour, in periods of a minute. */
  HOUR(60, 60),
  /** The last 24 hours, in periods of 15 minutes. */
  DAY(900, 96);

  private final int seconds;
  private final int periods;

  Window(int seconds, int periods) {
    this.seconds = seconds;
    this.periods = periods;
  }

  /** Returns the length of the window. */
  public Duration length() {
    return Duration.ofSeconds((long) seconds * periods);
  }

  /** Returns the length of a period. */
  public Duration period() {
    return Duration.ofSeconds(seconds);
  }

  /** Returns when a period begins. */
  Instant start(long number) {
    return Instant.ofEpochSecond(number * seconds);
  }

  /** Returns the length of a period in seconds. */
  int seconds() {
    return seconds;
  }

  /** Returns the number of the period at a time. */
  long number(Instant time) {
    return Math.floorDiv(time.getEpochSecond(), (long) seconds);
  }

  /** Returns whether the window contains a period, now being at a time. */
  boolean contains(long number, Instant now) {
    long current = number(now);
    return number > current - periods && number <= current;
  }
}
