package dev.milepost.server.log;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Builds one JSON object without line breaks. Texts are cut at {@link Printable#MAX_LENGTH}
 * characters. What is not printable is escaped, so that the line shows what it says; half of a
 * surrogate pair becomes U+FFFD, since no JSON text may contain it. Used by one thread.
 */
final class JsonLine {
  private static final int MAX_ELEMENTS = 100;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSXXX").withZone(ZoneOffset.UTC);

  private final StringBuilder line = new StringBuilder(256).append('{');
  private final Set<String> names = new HashSet<>();

  private JsonLine() {}

  /**
   * Begins an event.
   *
   * @param millis its time, since the epoch
   */
  static JsonLine event(long millis, String level, String logger) {
    return new JsonLine()
        .text("time", TIME.format(Instant.ofEpochMilli(millis)))
        .text("level", level)
        .text("logger", logger);
  }

  /** Adds a text. */
  JsonLine text(String name, String value) {
    name(name);
    quote(value);
    return this;
  }

  /** Adds texts as a list, at most {@value #MAX_ELEMENTS}. */
  JsonLine texts(String name, Collection<?> values) {
    name(name);
    line.append('[');
    int added = 0;
    for (Object value : values) {
      if (added == MAX_ELEMENTS) {
        break;
      }
      line.append(added++ == 0 ? "" : ",");
      quote(String.valueOf(value));
    }
    line.append(']');
    return this;
  }

  /** Adds fields in their order: numbers, truth values and lists as such, all else as texts. */
  JsonLine fields(Map<String, ?> fields) {
    fields.forEach(this::field);
    return this;
  }

  /** Adds a field. */
  JsonLine field(String name, Object value) {
    if (value instanceof Long || value instanceof Integer || value instanceof Boolean) {
      name(name);
      line.append(value);
      return this;
    }
    return value instanceof Collection<?> list
        ? texts(name, list)
        : text(name, String.valueOf(value));
  }

  /** Returns the object, without a line break at its end. */
  String end() {
    return line.append('}').toString();
  }

  /** Begins a member. No two members of an object have the same name. */
  private void name(String name) {
    String unique = name;
    while (!names.add(unique)) {
      unique += "_";
    }
    line.append(names.size() == 1 ? "" : ",");
    quote(unique);
    line.append(':');
  }

  private void quote(String text) {
    line.append('"');
    int length = Math.min(text.length(), Printable.MAX_LENGTH);
    int at = 0;
    while (at < length) {
      int c = text.codePointAt(at);
      at += Character.charCount(c);
      if (c == '"' || c == '\\') {
        line.append('\\').append((char) c);
      } else if (Character.getType(c) == Character.SURROGATE) {
        line.append('\ufffd');
      } else if (Printable.isPrintable(c)) {
        line.appendCodePoint(c);
      } else {
        for (char unit : Character.toChars(c)) {
          line.append(String.format("\\u%04x", (int) unit));
        }
      }
    }
    if (at < text.length()) {
      line.append("... (").append(text.length() - at).append(" more)");
    }
    line.append('"');
  }
}
