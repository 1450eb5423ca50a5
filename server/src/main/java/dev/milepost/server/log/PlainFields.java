package dev.milepost.server.log;

import java.util.Collection;
import java.util.stream.Collectors;

/** Writes fields for people: {@code name=value}, separated by spaces. */
final class PlainFields {
  private PlainFields() {}

  /**
   * Returns a value so that it cannot break the line or begin another field: in quotes, with
   * escapes, if it has to be. A list has commas between its values.
   */
  static String plain(Object value) {
    String text =
        value instanceof Collection<?> list
            ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
            : String.valueOf(value);
    if (text.isEmpty()) {
      return value instanceof Collection<?> ? "-" : "\"\"";
    }
    int length = Math.min(text.length(), Printable.MAX_LENGTH);
    if (length == text.length() && text.chars().allMatch(PlainFields::isPlain)) {
      return text;
    }
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append(length < text.length() ? "...\"" : "\"").toString();
  }

  private static boolean isPlain(int c) {
    return c > ' ' && c <= '~' && c != '"' && c != '=' && c != '\\';
  }
}
