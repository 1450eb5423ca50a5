package dev.milepost.cli.output;

/**
 * Makes text of jobs safe for a terminal.
 *
 * <p>Workers and callers choose names and log lines. A control character in them could move the
 * cursor, set the window title or answer for the person at the keyboard, so none reaches the
 * terminal as it is. The characters that reorder text (Unicode's bidirectional overrides and
 * isolates) could make a line read as another one.
 */
public final class SafeText {
  private static final int C1_FIRST = 0x80;
  private static final int C1_LAST = 0x9f;
  private static final int DELETE = 0x7f;

  private SafeText() {}

  /** The text on one line: line ends and tabs are spaces, other control characters are escaped. */
  public static String line(String text) {
    return escape(text, false);
  }

  /** The text with its line ends and tabs; other control characters are escaped. */
  public static String lines(String text) {
    return escape(text, true);
  }

  private static String escape(String text, boolean keepLines) {
    if (text.codePoints().noneMatch(SafeText::isUnsafe)) {
      return text;
    }
    StringBuilder safe = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              if (c == '\n' || c == '\t') {
                safe.append(keepLines ? (char) c : ' ');
              } else if (c == '\r') {
                // A carriage return would let the rest of the line overwrite its beginning.
                safe.append(keepLines ? "" : " ");
              } else if (isUnsafe(c)) {
                safe.append(String.format("\\u%04x", c));
              } else {
                safe.appendCodePoint(c);
              }
            });
    return safe.toString();
  }

  static boolean isUnsafe(int c) {
    return c < ' '
        || c == DELETE
        || (c >= C1_FIRST && c <= C1_LAST)
        || (c >= 0x202a && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069)
        || c == 0x2028
        || c == 0x2029
        || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }
}
