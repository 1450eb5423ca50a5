package dev.milepost.examples.hashtree;

import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Turns the progress that the server reports into text. */
final class ProgressText {
  private ProgressText() {}

  /**
   * A piece of text.
   *
   * @param text the text
   * @param rank the highest rank is dropped first if space is short; rank 0 is never dropped
   */
  record Part(String text, int rank) {}

  /** Returns all parts in one line. */
  static String line(JobStatus status, Instant now) {
    return parts(status, now).stream().map(Part::text).collect(Collectors.joining(", "));
  }

  /**
   * Returns what is known of "43 %", "1.2 of 2.8 GiB", "4,321 of 9,876 files", "210.4 MiB/s" and
   * "0:07 left".
   */
  static List<Part> parts(JobStatus status, Instant now) {
    Progress progress = status.getProgress();
    List<Part> parts = new ArrayList<>();
    if (progress.hasPercent()) {
      parts.add(new Part(progress.getPercent() + " %", 0));
    }
    if (progress.hasTotal()) {
      parts.add(new Part(done(progress) + " of " + amount(progress, progress.getTotal()), 4));
    } else if (progress.getCurrent() > 0) {
      parts.add(new Part(amount(progress, progress.getCurrent()) + " found", 0));
    }
    if (!progress.getMessage().isEmpty()) {
      parts.add(new Part(Printable.of(progress.getMessage()), 3));
    }
    if (progress.hasRate() && progress.getRate() > 0) {
      parts.add(new Part(rate(progress), 2));
    }
    if (progress.hasEstimatedEndTime()) {
      parts.add(new Part(Sizes.clock(left(progress, now)) + " left", 1));
    }
    return parts;
  }

  static Duration left(Progress progress, Instant now) {
    return Duration.between(
        now, Instant.ofEpochSecond(progress.getEstimatedEndTime().getSeconds()));
  }

  private static String done(Progress progress) {
    return isBytes(progress)
        ? Sizes.bytes(progress.getCurrent())
        : Sizes.count(progress.getCurrent());
  }

  private static String amount(Progress progress, long number) {
    return isBytes(progress)
        ? Sizes.bytes(number)
        : (Sizes.count(number) + " " + progress.getUnit()).strip();
  }

  private static String rate(Progress progress) {
    return isBytes(progress)
        ? Sizes.bytes(Math.round(progress.getRate())) + "/s"
        : Sizes.count(Math.round(progress.getRate())) + "/s";
  }

  private static boolean isBytes(Progress progress) {
    return progress.getUnit().equals("bytes");
  }
}
