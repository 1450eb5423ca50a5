package dev.milepost.server.metrics;

import java.time.Duration;

/**
 * Upper bounds of histogram buckets. There are few, since each is a line of the page for every
 * meter that uses them.
 */
final class Buckets {
  /** From a commit on a fast disk to an unacceptable wait. */
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

  /** From a job that is claimed at once to one that takes a day. */
  static final Duration[] WORK = {
    Duration.ofMillis(100),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5),
    Duration.ofSeconds(30),
    Duration.ofMinutes(2),
    Duration.ofMinutes(10),
    Duration.ofHours(1),
    Duration.ofHours(6),
    Duration.ofDays(1)
  };

  /** Up to the largest group of updates of the SQLite store. */
  static final double[] GROUPS = {1, 2, 5, 10, 25, 50, 100, 250, 1_000};

  private Buckets() {}
}
