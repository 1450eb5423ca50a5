package dev.milepost.server.log;

/**
 * Makes text safe for one line of a log: nothing in it can end the line, move the cursor of a
 * terminal, or change the order in which text is read.
 */
final class Printable {
  static final int MAX_LENGTH = 4_000;

  private Printable() {}

  /** Returns the text with escapes for what is not printable, and cut if it is very long. */
  static String of(String text) {
    int length = Math.min(text.length(), MAX_LENGTH);
    int safe = 0;
    while (safe < length && isPrintable(text.charAt(safe))) {
      safe++;
    }
    if (safe == text.length()) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(length + 32).append(text, 0, safe);
    for (int i = safe; i < length; i++) {
      char c = text.charAt(i);
      boolean isPair =
          Character.isHighSurrogate(c)
              && i + 1 < length
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (isPair && isPrintable(Character.toCodePoint(c, text.charAt(i + 1)))) {
        escaped.append(c).append(text.charAt(++i));
      } else if (isPrintable(c)) {
        escaped.append(c);
      } else {
        escaped.append(String.format("\\u%04x", (int) c));
      }
    }
    if (length < text.length()) {
      escaped.append("... (").append(text.length() - length).append(" more)");
    }
    return escaped.toString();
  }

  /** Returns whether a code point may stand in a line; half of a surrogate pair may not. */
  static boolean isPrintable(int character) {
    if (character >= ' ' && character <= '~') {
      return true;
    }
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
