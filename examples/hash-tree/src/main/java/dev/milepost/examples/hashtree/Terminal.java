package dev.milepost.examples.hashtree;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.concurrent.TimeUnit;

/** The terminal that this process writes to, if there is one. */
final class Terminal {
  private static final int DEFAULT_COLUMNS = 80;

  /** The encoding that the reader of standard output expects. */
  static final Charset CHARSET = charset();

  private Terminal() {}

  /** Returns standard output or standard error in {@link #CHARSET}. */
  static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, CHARSET);
  }

  /** Returns a progress bar for a terminal, and plain lines for everything else. */
  static ProgressView view(PrintStream out, boolean lines) {
    return isTerminal() && !lines
        ? new TerminalView(out, Clock.systemUTC(), new BarText(isUnicode()), Terminal::columns)
        : new PlainView(out, Clock.systemUTC());
  }

  private static boolean isUnicode() {
    return CHARSET.equals(StandardCharsets.UTF_8);
  }

  @SuppressWarnings("SystemConsoleNull") // Both cases are handled.
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null || "dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    try {
      // Since Java 22 there is always a console; this method says whether it is a terminal.
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  private static Charset charset() {
    for (String property : new String[] {"stdout.encoding", "native.encoding"}) {
      String name = System.getProperty(property);
      if (name != null && Charset.isSupported(name)) {
        return Charset.forName(name);
      }
    }
    return Charset.defaultCharset();
  }

  /** Asks the terminal: a shell does not export its width, and the width can change. */
  private static int columns() {
    try {
      Process stty = new ProcessBuilder("sh", "-c", "stty size </dev/tty 2>/dev/null").start();
      String[] size = new String(stty.getInputStream().readAllBytes(), CHARSET).strip().split(" ");
      stty.waitFor(1, TimeUnit.SECONDS);
      int columns = size.length == 2 ? Integer.parseInt(size[1]) : 0;
      return columns > 0 ? columns : DEFAULT_COLUMNS;
    } catch (IOException | NumberFormatException e) {
      return DEFAULT_COLUMNS;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return DEFAULT_COLUMNS;
    }
  }
}
