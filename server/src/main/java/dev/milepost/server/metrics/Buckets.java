package dev.milepost.server.metrics;

import java.time.Duration;

/**
 * Upper bounds of the buckets that are counted: few, since each is a line of the page for every
 * meter that has them.
 */
final class Buckets {
  /** From what a fast disk needs for a commit to what nobody should wait. */
  static final Duration[] TIMES = {
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5)
  };

  /** Up to what the SQLite store takes into one group. */
  static final double[] GROUPS = {1, 2, 5, 10, 25, 50, 100, 250, 1_000};

  private Buckets() {}
}
