package dev.milepost.examples.hashtree;

import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Progress;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.IntSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressState;
import org.jspecify.annotations.Nullable;

/** Draws a progress bar at the bottom of a terminal, below the lines that remain visible. */
final class TerminalView implements ProgressView {
  private static final String CLEAR_LINE = "\r\u001b[K";
  private static final int REFRESH_MILLIS = 100;

  /** The server reports on a running job several times a second; a longer silence is an outage. */
  private static final Duration MAX_SILENCE = Duration.ofSeconds(4);

  private final PrintStream out;
  private final Clock clock;
  private final BarText text;
  private final IntSupplier columns;
  private JobStatus status = JobStatus.getDefaultInstance();
  private Instant lastStatusTime;
  private String shown = "";
  private @Nullable ProgressBar bar;

  /**
   * @param columns returns the width of the terminal
   */
  TerminalView(PrintStream out, Clock clock, BarText text, IntSupplier columns) {
    this.out = out;
    this.clock = clock;
    this.text = text;
    this.columns = columns;
    this.lastStatusTime = clock.instant();
  }

  @Override
  public synchronized void line(String line) {
    out.print(CLEAR_LINE + line + System.lineSeparator() + shown);
    out.flush();
  }

  @Override
  public void stage(String name) {
    closeBar();
    BottomLine bottom = new BottomLine(columns.getAsInt());
    synchronized (this) {
      status = JobStatus.getDefaultInstance();
      bar =
          ProgressBar.builder()
              .setTaskName(name)
              .setInitialMax(-1)
              .setRenderer(this::render)
              .setConsumer(bottom)
              .setUpdateIntervalMillis(REFRESH_MILLIS)
              .continuousUpdate()
              .build();
    }
  }

  @Override
  public synchronized void status(JobStatus status) {
    lastStatusTime = clock.instant();
    this.status = status;
    if (bar != null) {
      Progress progress = status.getProgress();
      bar.maxHint(progress.hasTotal() ? progress.getTotal() : -1);
      bar.stepTo(progress.getCurrent());
    }
  }

  @Override
  public void close() {
    closeBar();
  }

  private void closeBar() {
    ProgressBar closing;
    synchronized (this) {
      closing = bar;
      bar = null;
    }
    if (closing != null) {
      // Outside the lock: it waits for its thread, which may wait for the lock to draw.
      closing.close();
      synchronized (this) {
        shown = "";
        out.print(CLEAR_LINE);
        out.flush();
      }
    }
  }

  private synchronized String render(ProgressState state, int width) {
    Instant now = clock.instant();
    Duration silence = Duration.between(lastStatusTime, now);
    if (status.getState() == JobState.JOB_STATE_RUNNING && silence.compareTo(MAX_SILENCE) > 0) {
      String waiting = "no response from the server for " + silence.toSeconds() + " s, retrying";
      return text.render(
          state.getTaskName(), status, List.of(new ProgressText.Part(waiting, 0)), width);
    }
    return text.render(state.getTaskName(), status, ProgressText.parts(status, now), width);
  }

  /** The last line of the terminal, which is overwritten again and again. */
  private final class BottomLine implements ProgressBarConsumer {
    private final int width;

    private BottomLine(int width) {
      this.width = width;
    }

    @Override
    public int getMaxRenderedLength() {
      // The last column stays free; a cursor beyond it would wrap.
      return width - 1;
    }

    @Override
    public void accept(String line) {
      synchronized (TerminalView.this) {
        shown = line;
        out.print(CLEAR_LINE + line);
        out.flush();
      }
    }

    @Override
    public void close() {}
  }
}
