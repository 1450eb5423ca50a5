package dev.milepost.benchmarks.load;

import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.SkippedRange;
import dev.milepost.v1.WatchJobResponse;

/**
 * Holds a watch to its promise: each entry of the journal exactly once and in order, or named as
 * one that is no longer kept. Written by one thread, read by any.
 */
public final class JournalOrder {
  private volatile long last;
  private volatile long skipped;

  /**
   * Begins at a position.
   *
   * @param after number of the entry before the first that is to come
   */
  public JournalOrder(long after) {
    this.last = after;
  }

  /**
   * Takes the next step of the watch.
   *
   * @throws IllegalStateException where an entry is missing, comes again, or comes too early
   */
  public void take(WatchJobResponse step) {
    int ranges = 0;
    for (JournalEntry entry : step.getEntriesList()) {
      while (ranges < step.getSkippedCount()
          && step.getSkipped(ranges).getFirstSequence() < entry.getSequence()) {
        skip(step.getSkipped(ranges));
        ranges++;
      }
      advance(entry.getSequence(), entry.getSequence());
    }
    for (; ranges < step.getSkippedCount(); ranges++) {
      skip(step.getSkipped(ranges));
    }
  }

  private void skip(SkippedRange range) {
    advance(range.getFirstSequence(), range.getLastSequence());
    skipped = skipped + range.getLastSequence() - range.getFirstSequence() + 1;
  }

  private void advance(long from, long to) {
    if (from != last + 1) {
      throw new IllegalStateException(
          "entry %d of the journal came after entry %d".formatted(from, last));
    }
    last = to;
  }

  /** Number of the last entry that has come. */
  public long last() {
    return last;
  }

  /**
   * Fails where the journal has not come to its end, or where entries of it did not come.
   *
   * @param end number of the journal's last entry
   */
  public void checkWhole(long end) {
    if (last != end || skipped != 0) {
      throw new IllegalStateException(
          "a watcher got the journal up to entry %d of %d, without %d of them"
              .formatted(last, end, skipped));
    }
  }
}
