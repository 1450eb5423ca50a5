package dev.milepost.server.job;

/**
 * Measures texts as the contract does: in characters, which are code points, whatever they take in
 * memory.
 */
public final class Texts {
  private Texts() {}

  /** Whether a text has more than this many characters. */
  public static boolean isLonger(String text, int characters) {
    return text.length() > characters && text.codePointCount(0, text.length()) > characters;
  }

  /** Whether a text has a control character: U+0000 to U+001F, or U+007F. */
  static boolean hasControls(String text) {
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      if (character < ' ' || character == '\u007f') {
        return true;
      }
    }
    return false;
  }

  /** Returns a text without what exceeds this many characters. */
  static String cut(String text, int characters) {
    return isLonger(text, characters)
        ? text.substring(0, text.offsetByCodePoints(0, characters))
        : text;
  }
}
