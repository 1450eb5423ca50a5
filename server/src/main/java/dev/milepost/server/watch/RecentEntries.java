package dev.milepost.server.watch;

import dev.milepost.v1.JournalEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The end of a job's journal, shared by all its watchers, so that who keeps up never reads the
 * store. Bounded by number and by bytes.
 */
final class RecentEntries {
  private static final int MOST_BYTES = 256 * 1024;

  private final int most;
  private final ArrayDeque<JournalEntry> entries = new ArrayDeque<>();
  private long bytes;

  /**
   * Keeps at most so many entries; not more than the journal's cap, so that none of them can have
   * been dropped.
   */
  RecentEntries(int most) {
    this.most = most;
  }

  /** Adds what was committed; a hole before it empties the rest, since a run must have none. */
  void add(List<JournalEntry> added) {
    for (JournalEntry entry : added) {
      if (!entries.isEmpty() && entries.getLast().getSequence() + 1 != entry.getSequence()) {
        if (entry.getSequence() <= entries.getLast().getSequence()) {
          continue;
        }
        entries.clear();
        bytes = 0;
      }
      entries.addLast(entry);
      bytes += entry.getSerializedSize();
      while (entries.size() > most || (bytes > MOST_BYTES && entries.size() > 1)) {
        bytes -= entries.removeFirst().getSerializedSize();
      }
    }
  }

  /**
   * The entries after a position, without a hole.
   *
   * @param limit most entries
   * @return empty where they are not all here
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
    java.util.Collections.reverse(found);
    return Optional.of(found.size() > limit ? found.subList(0, limit) : found);
  }
}
