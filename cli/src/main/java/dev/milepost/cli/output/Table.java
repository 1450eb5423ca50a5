package dev.milepost.cli.output;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Rows under headings, as wide as their widest cell. On a terminal the widest of the columns that
 * may be cut gives up what does not fit; elsewhere nothing is cut.
 */
public final class Table {
  private static final String GAP = "  ";
  private static final int MIN_CUT = 8;

  /**
   * A column.
   *
   * @param heading what it shows
   * @param right whether its cells end at the same column, as numbers do
   * @param cuttable whether it may be cut to fit the terminal
   */
  public record Column(String heading, boolean right, boolean cuttable) {}

  /**
   * What one row shows in one column.
   *
   * @param text shown after control characters are escaped
   * @param color of the text
   */
  public record Cell(String text, Color color) {
    /** Makes the text safe. */
    public Cell {
      text = SafeText.line(text);
    }

    /** A cell without a color of its own. */
    public static Cell of(String text) {
      return new Cell(text, Color.NONE);
    }
  }

  private final List<Column> columns;
  private final List<List<Cell>> rows = new ArrayList<>();

  /** A table without rows. */
  public Table(List<Column> columns) {
    this.columns = List.copyOf(columns);
  }

  /** Adds a row, with one cell for each column. */
  public void add(List<Cell> cells) {
    if (cells.size() != columns.size()) {
      throw new IllegalArgumentException(
          cells.size() + " cells for " + columns.size() + " columns");
    }
    rows.add(List.copyOf(cells));
  }

  /** Number of rows. */
  public int size() {
    return rows.size();
  }

  /** The lines of the table. */
  public List<String> lines(Terminal terminal, boolean headings) {
    int[] widths = widths(terminal.columns(), headings);
    List<String> lines = new ArrayList<>();
    if (headings) {
      lines.add(
          line(
              columns.stream()
                  .map(column -> new Cell(column.heading().toUpperCase(Locale.ROOT), Color.DIM))
                  .toList(),
              widths,
              terminal));
    }
    rows.forEach(row -> lines.add(line(row, widths, terminal)));
    return lines;
  }

  /** Prints the table. */
  public void print(Terminal terminal, boolean headings) {
    lines(terminal, headings).forEach(terminal.out()::println);
  }

  private int[] widths(int available, boolean headings) {
    int[] widths = new int[columns.size()];
    for (int i = 0; i < widths.length; i++) {
      int column = i;
      widths[i] =
          Math.max(
              headings ? TextWidth.of(columns.get(i).heading()) : 0,
              rows.stream().mapToInt(row -> TextWidth.of(row.get(column).text())).max().orElse(0));
    }
    int excess = GAP.length() * (widths.length - 1) - available;
    for (int width : widths) {
      excess += width;
    }
    while (excess > 0) {
      int widest = widestCuttable(widths);
      if (widest < 0) {
        break;
      }
      widths[widest]--;
      excess--;
    }
    return widths;
  }

  private int widestCuttable(int[] widths) {
    int widest = -1;
    for (int i = 0; i < widths.length; i++) {
      if (columns.get(i).cuttable()
          && widths[i] > MIN_CUT
          && (widest < 0 || widths[i] > widths[widest])) {
        widest = i;
      }
    }
    return widest;
  }

  private String line(List<Cell> cells, int[] widths, Terminal terminal) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      Cell cell = cells.get(i);
      String text = TextWidth.cut(cell.text(), widths[i]);
      String space = " ".repeat(widths[i] - TextWidth.of(text));
      String painted = terminal.paint(cell.color(), text);
      boolean last = i == cells.size() - 1;
      if (columns.get(i).right()) {
        line.append(space).append(painted);
      } else {
        // Without trailing spaces, so that lines can be compared and copied.
        line.append(painted).append(last ? "" : space);
      }
      line.append(last ? "" : GAP);
    }
    return line.toString().stripTrailing();
  }
}
