package dev.milepost.examples.hashtree;

import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Prints lines, for files and pipes: each stage, each log line, and the progress every few seconds.
 */
final class PlainView implements ProgressView {
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final PrintStream out;
  private final Clock clock;
  private String stage = "";
  private Instant nextProgress;

  PlainView(PrintStream out, Clock clock) {
    this.out = out;
    this.clock = clock;
    this.nextProgress = clock.instant().plus(INTERVAL);
  }

  @Override
  public synchronized void line(String line) {
    out.println(line);
  }

  @Override
  public synchronized void stage(String name) {
    stage = name;
    nextProgress = clock.instant().plus(INTERVAL);
    out.println(name);
  }

  @Override
  public synchronized void status(JobStatus status) {
    Instant now = clock.instant();
    if (status.getState() != JobState.JOB_STATE_RUNNING || now.isBefore(nextProgress)) {
      return;
    }
    nextProgress = now.plus(INTERVAL);
    out.println(stage + ": " + ProgressText.line(status, now));
  }

  @Override
  public void close() {}
}
