package dev.milepost.cli.output;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What standard output is: a terminal that someone looks at, or a file or pipe that a program
 * reads.
 *
 * <p>Java 17 cannot tell them apart when only one of the two streams is redirected. The launcher
 * can: it sets {@code MILEPOST_TERMINAL} to the size of the terminal, such as {@code 120x40}.
 *
 * @param out where results go
 * @param err where messages about them go
 * @param interactive whether a person looks at standard output
 * @param columns width of the terminal; without one, {@link Integer#MAX_VALUE}: nothing is cut
 * @param rows height of the terminal
 * @param colors whether to color
 */
public record Terminal(
    PrintWriter out, PrintWriter err, boolean interactive, int columns, int rows, boolean colors) {
  private static final int DEFAULT_ROWS = 24;
  private static final int MIN_COLUMNS = 40;

  /** The terminal of this process, as the environment describes it. */
  public static Terminal ofProcess(Map<String, String> environment) {
    PrintWriter out = writer(System.out);
    PrintWriter err = writer(System.err);
    String size = environment.get("MILEPOST_TERMINAL");
    if (size == null || !size.matches("\\d{1,4}x\\d{1,4}")) {
      return new Terminal(out, err, false, Integer.MAX_VALUE, DEFAULT_ROWS, false);
    }
    String[] parts = size.split("x");
    int columns = Math.max(MIN_COLUMNS, Integer.parseInt(parts[0]));
    int rows = Math.max(2, Integer.parseInt(parts[1]));
    return new Terminal(out, err, true, columns, rows, wantsColors(environment));
  }

  /** A stream that is no terminal, such as a test's. */
  public static Terminal ofStreams(PrintStream out, PrintStream err) {
    return new Terminal(writer(out), writer(err), false, Integer.MAX_VALUE, DEFAULT_ROWS, false);
  }

  /** This terminal, with or without colors. */
  public Terminal withColors(boolean wanted) {
    return new Terminal(out, err, interactive, columns, rows, wanted);
  }

  /** Colors a text, if there are colors. */
  public String paint(Color color, String text) {
    return colors && color != Color.NONE
        ? "\u001b[" + color.code() + "m" + text + "\u001b[0m"
        : text;
  }

  /** The text, cut to this many columns; not cut where nobody looks at it. */
  public String fit(String text, int width) {
    return interactive ? TextWidth.cut(text, width) : text;
  }

  /** How many columns a text takes. */
  public int width(String text) {
    return TextWidth.of(text);
  }

  // The convention of no-color.org: any value that is not empty.
  private static boolean wantsColors(Map<String, String> environment) {
    @Nullable String noColor = environment.get("NO_COLOR");
    return (noColor == null || noColor.isEmpty()) && !"dumb".equals(environment.get("TERM"));
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }
}
