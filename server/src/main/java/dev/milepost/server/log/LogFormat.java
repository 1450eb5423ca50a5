package dev.milepost.server.log;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How events are written to standard error. One format holds for the whole process. */
public enum LogFormat {
  /** A line for people: time, level, logger, message, {@code field=value}. */
  TEXT,
  /** A line for programs: one JSON object. */
  JSON;

  private static volatile LogFormat current = TEXT;

  /** Returns the format in use. Thread-safe. */
  public static LogFormat current() {
    return current;
  }

  /** Uses this format from the next event on. Thread-safe. */
  public void use() {
    current = this;
  }

  /** Returns the format with a name, whatever its case; empty if there is none. */
  public static Optional<LogFormat> named(String name) {
    for (LogFormat format : values()) {
      if (format.name().equals(name.toUpperCase(Locale.ROOT))) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  /**
   * Returns a message that ends the process before or instead of the log, as it is to be printed:
   * as it is, or as an ERROR in JSON.
   */
  public String fatal(String message) {
    return this == TEXT
        ? message
        : JsonLine.event(System.currentTimeMillis(), "ERROR", "dev.milepost.server.Main")
            .text("message", message)
            .fields(Map.of())
            .end();
  }
}
