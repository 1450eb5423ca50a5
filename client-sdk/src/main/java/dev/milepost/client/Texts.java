package dev.milepost.client;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/** Fits texts into the server's limits, which count characters: Unicode code points. */
final class Texts {
  private static final String CUT = "…";

  private Texts() {}

  /** Truncates a text; if anything was cut off, it ends with an ellipsis. */
  static String cut(String text, int characters) {
    return isLonger(text, characters)
        ? text.substring(0, text.offsetByCodePoints(0, characters - CUT.length())) + CUT
        : text;
  }

  /** Truncates a text in one line, and replaces control characters, which names cannot have. */
  static String line(String text, int characters) {
    return cut(hasControls(text) ? text.replaceAll("[\\x00-\\x1f\\x7f]", " ") : text, characters);
  }

  /** Whether a text has more than this many characters. */
  static boolean isLonger(String text, int characters) {
    return text.length() > characters && text.codePointCount(0, text.length()) > characters;
  }

  /** Whether a text has a control character: U+0000 to U+001F, or U+007F. */
  static boolean hasControls(String text) {
    return text.chars().anyMatch(character -> character < ' ' || character == 0x7f);
  }

  /**
   * Returns an id that the server accepts.
   *
   * @throws IllegalArgumentException if it does not: the id is not changed, as it names something
   */
  static String id(String id, int characters) {
    if (id.isEmpty() || isLonger(id, characters) || hasControls(id)) {
      throw new IllegalArgumentException(
          "the id must have 1 to " + characters + " characters, none of them a control character");
    }
    return id;
  }

  /** Splits a text into pieces of limited length; an empty text is one empty piece. */
  static List<String> split(String text, int characters) {
    if (!isLonger(text, characters)) {
      return List.of(text);
    }
    List<String> pieces = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      int end = boundary(text, start, characters);
      pieces.add(text.substring(start, end));
      start = end;
    }
    return pieces;
  }

  static String stackTrace(Throwable thrown, int characters) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return cut(text.toString(), characters);
  }

  /** Returns where a piece of so many characters ends. */
  private static int boundary(String text, int start, int characters) {
    int longest = Math.min(text.length(), start + 2 * characters);
    int within = text.codePointCount(start, longest);
    return within <= characters ? longest : text.offsetByCodePoints(start, characters);
  }
}
