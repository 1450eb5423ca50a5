package dev.milepost.server.job;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Converts between java.time and protobuf's times. */
public final class Times {
  private static final int NANOS_PER_MICRO = 1_000;

  private Times() {}

  /** Truncates an instant to microseconds, the precision of every store. */
  static Instant truncate(Instant instant) {
    int nanos = instant.getNano();
    int finer = nanos % NANOS_PER_MICRO;
    return finer == 0 ? instant : Instant.ofEpochSecond(instant.getEpochSecond(), nanos - finer);
  }

  /** Converts to a timestamp, truncated to microseconds. */
  public static Timestamp timestamp(Instant instant) {
    int nanos = instant.getNano();
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(nanos - nanos % NANOS_PER_MICRO)
        .build();
  }

  /** Converts to an instant: the epoch for an unset timestamp, so check {@code hasX} first. */
  public static Instant instant(Timestamp timestamp) {
    return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
  }

  /** Moves a timestamp. */
  static Timestamp plusMicros(Timestamp timestamp, long micros) {
    return timestamp(instant(timestamp).plus(micros, ChronoUnit.MICROS));
  }

  /** Converts to microseconds since the epoch. */
  public static long micros(Timestamp timestamp) {
    return Math.addExact(
        Math.multiplyExact(timestamp.getSeconds(), 1_000_000L),
        timestamp.getNanos() / NANOS_PER_MICRO);
  }

  /** Converts to a protobuf duration. */
  public static Duration duration(java.time.Duration duration) {
    return Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  /** Converts to a java.time duration. */
  public static java.time.Duration duration(Duration duration) {
    return java.time.Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
  }
}
