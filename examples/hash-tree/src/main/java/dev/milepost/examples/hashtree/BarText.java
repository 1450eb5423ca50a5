package dev.milepost.examples.hashtree;

import dev.milepost.examples.hashtree.ProgressText.Part;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Progress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Draws one line of stage, bar and text that fits into a given width. */
final class BarText {
  private static final int MAX_BAR_COLUMNS = 24;
  private static final int MIN_BAR_COLUMNS = 8;
  private static final String GAP = "  ";

  private final String full;
  private final String empty;

  /**
   * @param unicode whether the terminal can show characters beyond ASCII
   */
  BarText(boolean unicode) {
    this.full = unicode ? "█" : "#";
    this.empty = unicode ? "░" : "-";
  }

  String render(String stage, JobStatus status, List<Part> parts, int width) {
    Progress progress = status.getProgress();
    List<Part> shown = new ArrayList<>(parts);
    int bar = progress.hasFraction() ? MIN_BAR_COLUMNS + GAP.length() : 0;
    boolean fits = stage.length() + bar + length(shown) <= width;
    while (!fits && dropLeastImportant(shown)) {
      fits = stage.length() + bar + length(shown) <= width;
    }
    StringBuilder line = new StringBuilder(stage);
    int columns = Math.min(MAX_BAR_COLUMNS, width - stage.length() - GAP.length() - length(shown));
    // In steps, so that the bar does not change its length with each digit beside it.
    columns -= columns % MIN_BAR_COLUMNS;
    if (progress.hasFraction() && columns >= MIN_BAR_COLUMNS) {
      int done = (int) Math.round(Math.max(0, Math.min(1, progress.getFraction())) * columns);
      line.append(GAP).append(full.repeat(done)).append(empty.repeat(columns - done));
    }
    shown.forEach(part -> line.append(GAP).append(part.text()));
    return line.length() <= width ? line.toString() : line.substring(0, Math.max(0, width));
  }

  private static int length(List<Part> parts) {
    return parts.stream().mapToInt(part -> GAP.length() + part.text().length()).sum();
  }

  private static boolean dropLeastImportant(List<Part> parts) {
    return parts.stream()
        .max(Comparator.comparingInt(Part::rank))
        .filter(part -> part.rank() > 0)
        .map(parts::remove)
        .orElse(false);
  }
}
