package dev.milepost.cli.output;

import java.util.regex.Pattern;

/** The control sequences that programs write into their lines (ECMA-48): colors, titles, cursor. */
public final class Ansi {
  private static final Pattern SEQUENCE =
      Pattern.compile(
          "\u001b\\[[0-?]*[ -/]*[@-~]" // CSI: colors and cursor
              + "|\u001b\\][^\u0007\u001b]*(?:\u0007|\u001b\\\\)" // OSC: titles and links
              + "|\u001b[ -~]");

  private static final Pattern OTHER_THAN_COLOR =
      Pattern.compile(
          "\u001b(?!\\[[0-9;]*m)(?:\\[[0-?]*[ -/]*[@-~]|\\][^\u0007\u001b]*(?:\u0007|\u001b\\\\)|["
              + " -~])?");

  private Ansi() {}

  /** The text without control sequences. */
  public static String plain(String text) {
    return text.indexOf('\u001b') < 0 ? text : SEQUENCE.matcher(text).replaceAll("");
  }

  /** The text with its colors, which a page can show, and no other control sequence. */
  public static String onlyColors(String text) {
    return text.indexOf('\u001b') < 0 ? text : OTHER_THAN_COLOR.matcher(text).replaceAll("");
  }
}
