package dev.milepost.examples.hashtree;

import java.util.Locale;

/** Text from elsewhere, made fit for a terminal: a file's name may hold what would steer it. */
final class Printable {
  private Printable() {}

  static String of(String text) {
    if (text.codePoints().noneMatch(Printable::steers)) {
      return text;
    }
    StringBuilder printable = new StringBuilder();
    text.codePoints()
        .forEach(
            point -> {
              if (steers(point)) {
                printable.append(String.format(Locale.ROOT, "\\u%04x", point));
              } else {
                printable.appendCodePoint(point);
              }
            });
    return printable.toString();
  }

  private static boolean steers(int point) {
    return Character.isISOControl(point) || Character.getType(point) == Character.FORMAT;
  }
}
