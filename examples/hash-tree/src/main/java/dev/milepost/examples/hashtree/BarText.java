package dev.milepost.examples.hashtree;

import dev.milepost.examples.hashtree.ProgressText.Part;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Progress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Draws one line with stage, bar and words, never wider than it may be. */
final class BarText {
  private static final int MAX_BAR = 24;
  private static final int MIN_BAR = 8;
  private static final String GAP = "  ";

  private final String full;
  private final String empty;

  /**
   * @param unicode whether the terminal can show more than ASCII
   */
  BarText(boolean unicode) {
    this.full = unicode ? "█" : "#";
    this.empty = unicode ? "░" : "-";
  }

  String render(String stage, JobStatus status, List<Part> parts, int width) {
    Progress progress = status.getProgress();
    List<Part> shown = new ArrayList<>(parts);
    int bar = progress.hasFraction() ? MIN_BAR + GAP.length() : 0;
    boolean fits = stage.length() + bar + length(shown) <= width;
    while (!fits && leaveOutOne(shown)) {
      fits = stage.length() + bar + length(shown) <= width;
    }
    StringBuilder line = new StringBuilder(stage);
    int room = Math.min(MAX_BAR, width - stage.length() - GAP.length() - length(shown));
    room -= room % MIN_BAR; // in steps, so that it does not change with each digit beside it
    if (progress.hasFraction() && room >= MIN_BAR) {
      int done = (int) Math.round(Math.max(0, Math.min(1, progress.getFraction())) * room);
      line.append(GAP).append(full.repeat(done)).append(empty.repeat(room - done));
    }
    shown.forEach(part -> line.append(GAP).append(part.text()));
    return line.length() <= width ? line.toString() : line.substring(0, Math.max(0, width));
  }

  private static int length(List<Part> parts) {
    return parts.stream().mapToInt(part -> GAP.length() + part.text().length()).sum();
  }

  private static boolean leaveOutOne(List<Part> parts) {
    return parts.stream()
        .max(Comparator.comparingInt(Part::rank))
        .filter(part -> part.rank() > 0)
        .map(parts::remove)
        .orElse(false);
  }
}
