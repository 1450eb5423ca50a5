package dev.milepost.client;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/** Fits texts into the server's limits, which count UTF-16 code units. */
final class Texts {
  private static final String CUT = "…";

  private Texts() {}

  /** Truncates a text; if anything was cut off, it ends with an ellipsis. */
  static String cut(String text, int characters) {
    if (text.length() <= characters) {
      return text;
    }
    return text.substring(0, boundary(text, 0, characters - CUT.length())) + CUT;
  }

  /** Splits a text into pieces of limited length; an empty text is one empty piece. */
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

  /** Returns where to cut, never within a surrogate pair. */
  private static int boundary(String text, int start, int characters) {
    int end = Math.min(text.length(), start + characters);
    return end < text.length() && Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end;
  }
}
