package dev.milepost.examples.hashtree;

import java.util.Locale;

/** Makes text safe for a terminal; a file name may contain control characters. */
final class Printable {
  private Printable() {}

  static String of(String text) {
    if (text.codePoints().noneMatch(Printable::isControl)) {
      return text;
    }
    StringBuilder printable = new StringBuilder();
    text.codePoints()
        .forEach(
            point -> {
              if (isControl(point)) {
                printable.append(String.format(Locale.ROOT, "\\u%04x", point));
              } else {
                printable.appendCodePoint(point);
              }
            });
    return printable.toString();
  }

  private static boolean isControl(int point) {
    return Character.isISOControl(point) || Character.getType(point) == Character.FORMAT;
  }
}
