package dev.milepost.cli.output;

/** How many columns of a terminal a text takes: 0 for a combining mark, 2 for a wide character. */
final class TextWidth {
  private static final String ELLIPSIS = "…";
  private static final int VARIATION_SELECTOR = 0xfe0f;
  private static final int ZERO_WIDTH_JOINER = 0x200d;

  private TextWidth() {}

  static int of(String text) {
    return text.codePoints().map(TextWidth::of).sum();
  }

  /** The text, cut with an ellipsis if it takes more columns. */
  static String cut(String text, int columns) {
    if (of(text) <= columns) {
      return text;
    }
    StringBuilder cut = new StringBuilder();
    int width = 0;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      width += of(c);
      if (width > columns - 1) {
        break;
      }
      cut.appendCodePoint(c);
    }
    return cut + ELLIPSIS;
  }

  private static int of(int c) {
    int type = Character.getType(c);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT
        || c == VARIATION_SELECTOR
        || c == ZERO_WIDTH_JOINER) {
      return 0;
    }
    return isWide(c) ? 2 : 1;
  }

  /** East Asian wide and full-width characters, and emoji (Unicode Standard Annex 11). */
  private static boolean isWide(int c) {
    return (c >= 0x1100 && c <= 0x115f)
        || (c >= 0x2e80 && c <= 0xa4cf)
        || (c >= 0xac00 && c <= 0xd7a3)
        || (c >= 0xf900 && c <= 0xfaff)
        || (c >= 0xfe30 && c <= 0xfe6f)
        || (c >= 0xff00 && c <= 0xff60)
        || (c >= 0xffe0 && c <= 0xffe6)
        || (c >= 0x1f300 && c <= 0x1faff)
        || (c >= 0x20000 && c <= 0x3fffd);
  }
}
