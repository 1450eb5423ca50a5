package dev.milepost.server.watch;

import dev.milepost.v1.JournalEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The latest entries of a job's journal without a gap, shared by all its watches, so that those
 * that keep up never read the store. Bounded by number and by bytes.
 */
final class RecentEntries {
  private static final int MAX_BYTES = 256 * 1024;

  private final int maxEntries;
  private final ArrayDeque<JournalEntry> entries = new ArrayDeque<>();
  private long bytes;

  /**
   * Creates an empty list.
   *
   * @param maxEntries entries to keep; at most the journal's cap, so that the store has not dropped
   *     any of them
   */
  RecentEntries(int maxEntries) {
    this.maxEntries = maxEntries;
  }

  /** Adds committed entries. If there is a gap before one, drops the entries before the gap. */
  void add(List<JournalEntry> added) {
    for (JournalEntry entry : added) {
      if (!entries.isEmpty() && entries.getLast().getSequence() + 1 != entry.getSequence()) {
        if (entry.getSequence() <= entries.getLast().getSequence()) {
          continue;
        }
        clear();
      }
      entries.addLast(entry);
      bytes += entry.getSerializedSize();
      while (entries.size() > maxEntries || (bytes > MAX_BYTES && entries.size() > 1)) {
        bytes -= entries.removeFirst().getSerializedSize();
      }
    }
  }

  /** Drops all entries: those that follow are of another journal. */
  void clear() {
    entries.clear();
    bytes = 0;
  }

  /**
   * Returns the entries after a position, without a gap.
   *
   * @param limit the first entries to return at most
   * @return empty if some of them are no longer kept
   */
  Optional<List<JournalEntry>> after(long sequence, int limit) {
    if (entries.isEmpty() || entries.getFirst().getSequence() > sequence + 1) {
      return Optional.empty();
    }
    int known = (int) (entries.getLast().getSequence() - sequence);
    List<JournalEntry> found = new ArrayList<>(Math.min(Math.max(known, 0), limit));
    Iterator<JournalEntry> newestFirst = entries.descendingIterator();
    while (newestFirst.hasNext()) {
      JournalEntry entry = newestFirst.next();
      if (entry.getSequence() <= sequence) {
        break;
      }
      found.add(entry);
    }
    Collections.reverse(found);
    return Optional.of(found.size() > limit ? found.subList(0, limit) : found);
  }
}
