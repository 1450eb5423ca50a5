package dev.milepost.cli.output;

import com.google.protobuf.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

/** Times and durations as people read them: "2m", "3h", "2026-11-30 16:20:05". */
public final class Times {
  private static final DateTimeFormatter EXACT = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");
  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

  private Times() {}

  /** The time of a message. */
  public static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  /** A duration in its two largest units, such as "3m 12s"; less than a second: "0s". */
  public static String duration(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return pair(seconds / 60, "m", seconds % 60, "s");
    }
    if (seconds < 86400) {
      return pair(seconds / 3600, "h", seconds % 3600 / 60, "m");
    }
    return pair(seconds / 86400, "d", seconds % 86400 / 3600, "h");
  }

  /** How long ago a time was, in its largest unit, such as "3m". A time to come is "0s". */
  public static String ago(Instant time, Instant now) {
    String whole = duration(Duration.between(time, now));
    int space = whole.indexOf(' ');
    return space < 0 ? whole : whole.substring(0, space);
  }

  /** Date and time in this zone, to the second. */
  public static String exact(Timestamp time, ZoneId zone) {
    return EXACT.format(instant(time).atZone(zone));
  }

  /** Time of day in this zone, to the millisecond. */
  public static String clock(Timestamp time, ZoneId zone) {
    return CLOCK.format(instant(time).truncatedTo(ChronoUnit.MILLIS).atZone(zone));
  }

  private static String pair(long large, String unit, long small, String smallUnit) {
    return small == 0 ? large + unit : large + unit + " " + small + smallUnit;
  }
}
