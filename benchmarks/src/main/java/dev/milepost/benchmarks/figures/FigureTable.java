package dev.milepost.benchmarks.figures;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Formats figures as a table. */
public final class FigureTable {
  private FigureTable() {}

  /** Returns the lines of the table, with a heading. */
  public static List<String> lines(List<Figure> figures) {
    int width = figures.stream().mapToInt(figure -> figure.name().length()).max().orElse(0);
    List<String> lines = new ArrayList<>();
    String layout = "%-" + Math.max(width, 6) + "s %14s %-9s %12s %8s  %-9s %s";
    lines.add(layout.formatted("figure", "value", "unit", "floor", "ratio", "goal", "").strip());
    for (Figure figure : figures) {
      lines.add(
          layout
              .formatted(
                  figure.name(),
                  number(figure.value()),
                  figure.unit(),
                  number(figure.floor()),
                  Double.isNaN(figure.ratio())
                      ? ""
                      : String.format(Locale.ROOT, "%.3f", figure.ratio()),
                  figure.goal(),
                  figure.isJudged() ? figure.met() ? "met" : "MISSED" : "")
              .stripTrailing());
    }
    return lines;
  }

  /** Formats a number with a useful precision. */
  private static String number(double value) {
    if (!Double.isFinite(value)) {
      return "";
    }
    return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%,.0f" : "%.3f", value);
  }
}
