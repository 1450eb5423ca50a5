package dev.milepost.client;

import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;

/** Checks what users pass to builders; errors name the setting and its limits. */
final class Checks {
  /** Long enough for everything, and short enough to be counted in nanoseconds. */
  private static final Duration MAX_DURATION = Duration.ofDays(36_500);

  /** What a server accepts as the name of a user or tenant. */
  private static final Pattern NAME = Pattern.compile("[\\x21-\\x7e]{1,128}");

  private Checks() {}

  /** Returns a duration greater than zero. */
  static Duration positive(String setting, Duration value) {
    if (Objects.requireNonNull(value, setting).compareTo(Duration.ZERO) <= 0) {
      throw new IllegalArgumentException(setting + ": must be greater than 0, but is " + value);
    }
    return bounded(setting, value);
  }

  /** Returns a duration of zero or more. */
  static Duration notNegative(String setting, Duration value) {
    if (Objects.requireNonNull(value, setting).isNegative()) {
      throw new IllegalArgumentException(setting + ": must not be negative, but is " + value);
    }
    return bounded(setting, value);
  }

  private static Duration bounded(String setting, Duration value) {
    if (value.compareTo(MAX_DURATION) > 0) {
      throw new IllegalArgumentException(
          setting + ": must be at most " + MAX_DURATION.toDays() + " days, but is " + value);
    }
    return value;
  }

  /** Returns the name of a user or tenant, without blanks around it. */
  static String name(String setting, String value) {
    String name = Objects.requireNonNull(value, setting).strip();
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          setting + ": must be 1 to 128 printable ASCII characters without spaces");
    }
    return name;
  }

  /** Returns a text of limited length that is not blank. */
  static String text(String setting, String value, int maxCharacters) {
    if (Objects.requireNonNull(value, setting).isBlank()) {
      throw new IllegalArgumentException(setting + ": must not be blank");
    } else if (value.codePointCount(0, value.length()) > maxCharacters) {
      throw new IllegalArgumentException(
          setting + ": must have at most " + maxCharacters + " characters");
    }
    return value;
  }
}
