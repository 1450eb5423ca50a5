package dev.milepost.examples.hashtree;

/**
 * One file of a manifest.
 *
 * @param sha256 64 hexadecimal digits
 * @param size number of bytes
 * @param name path relative to the root, as {@link FileNames} writes it
 */
record ManifestLine(String sha256, long size, String name) {
  private static final String GAP = "  ";

  /** Returns the line without its line feed. */
  String text() {
    return sha256 + GAP + size + GAP + name;
  }

  static ManifestLine parse(String text) {
    int hashEnd = text.indexOf(GAP);
    int sizeEnd = text.indexOf(GAP, hashEnd + GAP.length());
    if (hashEnd != 64 || sizeEnd < 0) {
      throw new IllegalArgumentException("Not a line of a manifest: " + text);
    }
    return new ManifestLine(
        text.substring(0, hashEnd),
        Long.parseLong(text.substring(hashEnd + GAP.length(), sizeEnd)),
        text.substring(sizeEnd + GAP.length()));
  }
}
