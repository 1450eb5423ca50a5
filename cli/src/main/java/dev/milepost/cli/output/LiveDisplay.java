package dev.milepost.cli.output;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The last lines of a terminal, drawn several times a second in the same place, so that times in
 * them go on while nothing happens. Lines printed above stay. Thread-safe.
 */
public final class LiveDisplay implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 200;
  private static final String CLEAR_BELOW = "\r\u001b[J";

  private final Terminal terminal;
  private final Supplier<List<String>> content;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "milepost-display");
            thread.setDaemon(true);
            return thread;
          });
  private int drawn;

  /**
   * Starts to draw.
   *
   * @param content makes the lines to draw, on a thread of its own; no line is wider than the
   *     terminal
   */
  public LiveDisplay(Terminal terminal, Supplier<List<String>> content) {
    this.terminal = terminal;
    this.content = content;
    var unused =
        timer.scheduleWithFixedDelay(
            this::draw, INTERVAL_MILLIS, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Prints a line above what is drawn. */
  public synchronized void above(String line) {
    clear();
    terminal.out().println(line);
    terminal.out().flush();
  }

  /** Draws once more, and leaves it there. */
  @Override
  public void close() {
    timer.shutdownNow();
    draw();
  }

  // What does not fit into the height of the terminal cannot be drawn over, so it is left out.
  private synchronized void draw() {
    List<String> lines = content.get();
    List<String> shown = lines.subList(0, Math.min(lines.size(), terminal.rows() - 1));
    PrintWriter out = terminal.out();
    clear();
    shown.forEach(out::println);
    out.flush();
    drawn = shown.size();
  }

  private void clear() {
    if (drawn > 0) {
      terminal.out().printf("\u001b[%dA", drawn); // Cursor up.
      terminal.out().print(CLEAR_BELOW);
      drawn = 0;
    }
  }
}
