package dev.milepost.server.copy;

import dev.milepost.server.store.JournalRuns;
import dev.milepost.v1.Item;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogCounts;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of a job's journal and items.
 *
 * @param entries entries in order; those after them are in later parts
 * @param counts how many entries of each kind the journal has had up to the last of {@code
 *     entries}; meaningless if there are no entries
 * @param items items by id; they follow the last entry
 * @param unreadableRuns number of runs of entries that are left out as they are damaged
 * @param unreadableItems number of items that are left out as they are damaged
 */
public record JobPart(
    List<JournalEntry> entries,
    LogCounts counts,
    List<Item> items,
    int unreadableRuns,
    int unreadableItems) {
  static final JobPart EMPTY =
      new JobPart(List.of(), LogCounts.getDefaultInstance(), List.of(), 0, 0);

  /** Keeps copies of the lists. */
  public JobPart {
    entries = List.copyOf(entries);
    items = List.copyOf(items);
  }

  /**
   * Returns how many entries of each kind the journal has had before the first of these, as if none
   * were missing between them.
   */
  LogCounts countsBefore() {
    return JournalRuns.before(counts, entries);
  }

  /** Returns this part with the one that follows it. */
  JobPart plus(JobPart next) {
    List<JournalEntry> allEntries = new ArrayList<>(entries);
    allEntries.addAll(next.entries);
    List<Item> allItems = new ArrayList<>(items);
    allItems.addAll(next.items);
    return new JobPart(
        allEntries,
        next.entries.isEmpty() ? counts : next.counts,
        allItems,
        unreadableRuns + next.unreadableRuns,
        unreadableItems + next.unreadableItems);
  }

  /** Whether something is left out as it is damaged. */
  boolean isDamaged() {
    return unreadableRuns + unreadableItems > 0;
  }

  /** Returns its approximate size in bytes. */
  public long bytes() {
    long sum = 0;
    for (JournalEntry entry : entries) {
      sum += entry.getSerializedSize();
    }
    for (Item item : items) {
      sum += item.getSerializedSize();
    }
    return sum;
  }
}
