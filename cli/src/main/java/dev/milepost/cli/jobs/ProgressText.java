package dev.milepost.cli.jobs;

import dev.milepost.cli.output.Times;
import dev.milepost.v1.Job;
import dev.milepost.v1.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Progress in words: what is unknown is left out, what is estimated says "about". */
final class ProgressText {
  private static final int MAX_BAR = 40;

  private ProgressText() {}

  /** "61 %", or the count of a job without a total; empty if nothing is known. */
  static String shortForm(Progress progress) {
    if (progress.hasPercent()) {
      return progress.getPercent() + " %";
    }
    return progress.getCurrent() > 0
        ? String.format(Locale.ROOT, "%,d%s", progress.getCurrent(), unit(progress))
        : "";
  }

  /** "61 % · 730 of 1,204 files · 88/s · about 5m left", with what is known of it. */
  static String longForm(Job job, Instant now) {
    Progress progress = job.getStatus().getProgress();
    List<String> parts = new ArrayList<>();
    if (progress.hasPercent()) {
      parts.add(progress.getPercent() + " %");
    }
    if (progress.hasTotal()) {
      parts.add(
          String.format(
              Locale.ROOT,
              "%,d of %,d%s",
              progress.getCurrent(),
              progress.getTotal(),
              unit(progress)));
    } else if (progress.getCurrent() > 0) {
      parts.add(String.format(Locale.ROOT, "%,d%s", progress.getCurrent(), unit(progress)));
    }
    if (!States.isFinished(job.getStatus().getState())) {
      if (progress.hasRate()) {
        parts.add(rate(progress.getRate()) + "/s");
      }
      if (progress.hasEstimatedEndTime()) {
        Duration left = Duration.between(now, Times.instant(progress.getEstimatedEndTime()));
        parts.add("about " + Times.duration(left) + " left");
      }
    }
    return String.join(" · ", parts);
  }

  /** A bar of this many columns at most; blocks where the terminal is read by people. */
  static String bar(double fraction, int columns) {
    int width = Math.max(1, Math.min(MAX_BAR, columns));
    int done = (int) Math.floor(Math.max(0, Math.min(1, fraction)) * width);
    return "█".repeat(done) + "░".repeat(width - done);
  }

  private static String unit(Progress progress) {
    return progress.getUnit().isEmpty() ? "" : " " + progress.getUnit();
  }

  private static String rate(double rate) {
    return rate >= 10
        ? String.format(Locale.ROOT, "%,.0f", rate)
        : String.format(Locale.ROOT, "%.1f", rate);
  }
}
