package dev.milepost.benchmarks.noisy;

/** What another client of the same tenant does while one is measured. */
enum Neighbor {
  /** There is none. */
  NONE("A alone"),

  /** It asks for as much as its limit lets it: what it costs is shared cores, and no refusal. */
  AT_LIMIT("B at limit"),

  /** It asks for many times its limit. */
  NOISY("C noisy");

  private final String label;

  Neighbor(String label) {
    this.label = label;
  }

  /** For people. */
  String label() {
    return label;
  }
}
