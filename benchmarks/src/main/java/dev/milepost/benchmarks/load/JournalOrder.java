package dev.milepost.benchmarks.load;

import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.SkippedRange;
import dev.milepost.v1.WatchJobResponse;

/**
 * Checks the guarantee of a watch: each journal entry exactly once and in order, or reported as
 * skipped because it is no longer kept. Written by one thread, read by any.
 */
public final class JournalOrder {
  private volatile long last;
  private volatile long skipped;

  /**
   * Starts at a position.
   *
   * @param after sequence of the entry before the first expected one
   */
  public JournalOrder(long after) {
    this.last = after;
  }

  /**
   * Accepts the next message of the watch.
   *
   * @throws IllegalStateException if an entry is missing, repeated or out of order
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

  /** Returns the sequence of the last received entry. */
  public long last() {
    return last;
  }

  /**
   * Fails if not all entries were received.
   *
   * @param end sequence of the journal's last entry
   */
  public void checkWhole(long end) {
    if (last != end || skipped != 0) {
      throw new IllegalStateException(
          "a watcher received the journal up to entry %d of %d, without %d of them"
              .formatted(last, end, skipped));
    }
  }
}
