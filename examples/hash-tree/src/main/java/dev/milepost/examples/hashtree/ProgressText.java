package dev.milepost.examples.hashtree;

import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What a status says of its progress, as text. All of it is the server's word. */
final class ProgressText {
  private ProgressText() {}

  /**
   * "43 %", "1.2 of 2.8 GiB", "4,321 of 9,876 files", "210.4 MiB/s", "0:07 left": what is known.
   */
  static List<String> parts(JobStatus status, Instant now) {
    Progress progress = status.getProgress();
    List<String> parts = new ArrayList<>();
    if (progress.hasPercent()) {
      parts.add(progress.getPercent() + " %");
    }
    if (progress.hasTotal()) {
      parts.add(done(progress) + " of " + amount(progress, progress.getTotal()));
    } else if (progress.getCurrent() > 0) {
      parts.add(amount(progress, progress.getCurrent()) + " found");
    }
    if (!progress.getMessage().isEmpty()) {
      parts.add(progress.getMessage());
    }
    if (progress.hasRate() && progress.getRate() > 0) {
      parts.add(rate(progress));
    }
    if (progress.hasEstimatedEndTime()) {
      parts.add(Sizes.clock(left(progress, now)) + " left");
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
