package dev.milepost.client;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fits texts into the server's limits, which count characters: Unicode code points. */
final class Texts {
  private static final String CUT = "…";
  private static final int CUT_BYTES = 3;

  private Texts() {}

  /**
   * Truncates a text; if anything was cut off, it ends with an ellipsis. Null is the empty text:
   * the message of an exception is often null.
   */
  static String cut(@Nullable String given, int characters) {
    String text = given == null ? "" : wellFormed(given);
    return isLonger(text, characters)
        ? text.substring(0, text.offsetByCodePoints(0, characters - CUT.length())) + CUT
        : text;
  }

  /** Truncates a text in one line, and replaces control characters, which names cannot have. */
  static String line(@Nullable String given, int characters) {
    String text = given == null ? "" : given;
    return cut(hasControls(text) ? text.replaceAll("[\\x00-\\x1f\\x7f]", " ") : text, characters);
  }

  /** Truncates a text to a number of bytes when encoded, like {@link #cut}. */
  static String cutBytes(String text, int bytes) {
    if (utf8Bytes(text) <= bytes) {
      return text;
    }
    long used = CUT_BYTES;
    int end = 0;
    while (end < text.length()) {
      int character = text.codePointAt(end);
      used += utf8Bytes(character);
      if (used > bytes) {
        break;
      }
      end += Character.charCount(character);
    }
    return bytes < CUT_BYTES ? "" : text.substring(0, end) + CUT;
  }

  /** Number of bytes that a well-formed text takes when encoded. */
  static long utf8Bytes(String text) {
    long bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      // Each half of a surrogate pair counts two of its four bytes.
      bytes += character < 0x80 ? 0 : character < 0x800 || Character.isSurrogate(character) ? 1 : 2;
    }
    return bytes;
  }

  private static int utf8Bytes(int character) {
    return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
  }

  /**
   * Replaces each half of a surrogate pair that has no other half, which no encoding can represent,
   * by the character for that.
   */
  static String wellFormed(String text) {
    int first = loneSurrogate(text, 0);
    if (first < 0) {
      return text;
    }
    StringBuilder replaced = new StringBuilder(text);
    for (int i = first; i >= 0; i = loneSurrogate(text, i + 1)) {
      replaced.setCharAt(i, '\ufffd');
    }
    return replaced.toString();
  }

  private static int loneSurrogate(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (Character.charCount(text.codePointAt(i)) == 1) {
          return i;
        }
        i++;
      }
    }
    return -1;
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
  static String id(@Nullable String id, int characters) {
    if (id == null
        || id.isEmpty()
        || isLonger(id, characters)
        || hasControls(id)
        || loneSurrogate(id, 0) >= 0) {
      throw new IllegalArgumentException(
          "the id must have 1 to "
              + characters
              + " characters, none of them a control character or half of a surrogate pair");
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

  /** Returns where a piece of so many characters ends. */
  private static int boundary(String text, int start, int characters) {
    int longest = Math.min(text.length(), start + 2 * characters);
    int within = text.codePointCount(start, longest);
    return within <= characters ? longest : text.offsetByCodePoints(start, characters);
  }
}
