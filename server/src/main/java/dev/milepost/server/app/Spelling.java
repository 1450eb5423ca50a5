package dev.milepost.server.app;

/** Compares spellings. */
final class Spelling {
  /** Characters that are compared: names that differ later are far apart anyway. */
  private static final int MAX_CHARS = 64;

  private Spelling() {}

  /** Returns how many characters must be added, removed or replaced to make one of the other. */
  static int distance(String one, String other) {
    int width = Math.min(MAX_CHARS, other.length());
    int[] row = new int[width + 1];
    for (int column = 0; column <= width; column++) {
      row[column] = column;
    }
    for (int line = 1; line <= Math.min(MAX_CHARS, one.length()); line++) {
      int diagonal = row[0];
      row[0] = line;
      for (int column = 1; column <= width; column++) {
        int replaced = diagonal + (one.charAt(line - 1) == other.charAt(column - 1) ? 0 : 1);
        diagonal = row[column];
        row[column] = Math.min(replaced, 1 + Math.min(diagonal, row[column - 1]));
      }
    }
    return row[width];
  }
}
