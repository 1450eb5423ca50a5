package dev.milepost.examples.hashtree;

import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Progress;
import java.util.List;

/** Draws one line with stage, bar and words, never wider than it may be. */
final class BarText {
  private static final int BAR_WIDTH = 24;
  private static final int MIN_WIDTH_WITH_BAR = 60;

  private final String full;
  private final String empty;

  /**
   * @param unicode whether the terminal can show more than ASCII
   */
  BarText(boolean unicode) {
    this.full = unicode ? "█" : "#";
    this.empty = unicode ? "░" : "-";
  }

  String render(String stage, JobStatus status, List<String> parts, int width) {
    StringBuilder line = new StringBuilder(stage);
    Progress progress = status.getProgress();
    if (progress.hasFraction() && width >= MIN_WIDTH_WITH_BAR) {
      int done = (int) Math.round(Math.max(0, Math.min(1, progress.getFraction())) * BAR_WIDTH);
      line.append(' ').append(full.repeat(done)).append(empty.repeat(BAR_WIDTH - done));
    }
    for (String part : parts) {
      String gap = line.length() == stage.length() ? " " : "  ";
      if (line.length() + gap.length() + part.length() > width) {
        break;
      }
      line.append(gap).append(part);
    }
    return line.length() <= width ? line.toString() : line.substring(0, Math.max(0, width));
  }
}
