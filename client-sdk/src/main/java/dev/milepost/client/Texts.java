package dev.milepost.client;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/** Texts within the server's limits, which count UTF-16 units. */
final class Texts {
  private static final String CUT = "…";

  private Texts() {}

  /** At most so many characters; where something was cut off, an ellipsis ends it. */
  static String cut(String text, int characters) {
    if (text.length() <= characters) {
      return text;
    }
    return text.substring(0, boundary(text, 0, characters - CUT.length())) + CUT;
  }

  /** The text in pieces of at most so many characters; one empty piece for none. */
  static List<String> split(String text, int characters) {
    if (text.length() <= characters) {
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

  /** Never between the two halves of one character. */
  private static int boundary(String text, int start, int characters) {
    int end = Math.min(text.length(), start + characters);
    return end < text.length() && Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end;
  }
}
