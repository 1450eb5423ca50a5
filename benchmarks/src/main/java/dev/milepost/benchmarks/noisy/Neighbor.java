package dev.milepost.benchmarks.noisy;

/** What the other client of the same tenant does. */
enum Neighbor {
  /** There is no other client. */
  NONE("A alone"),

  /** It sends exactly at its limit: it shares the cores, and is not rejected. */
  AT_LIMIT("B at limit"),

  /** It sends many times its limit. */
  NOISY("C noisy");

  private final String label;

  Neighbor(String label) {
    this.label = label;
  }

  /** Its name in the output. */
  String label() {
    return label;
  }
}
