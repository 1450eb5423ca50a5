package dev.milepost.server.store.memory;

import dev.milepost.server.job.JournalCap;
import dev.milepost.server.store.JournalRuns;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.Item;
import dev.milepost.v1.JournalEntry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** One job with what belongs to it. Used by the store's thread alone. */
final class MemoryJob {
  private final long number;
  private final NavigableMap<String, Item> items = new TreeMap<>();
  private final Deque<JournalChunk> journal = new ArrayDeque<>();
  private JobRecord record;

  /** A job without journal and items. */
  MemoryJob(long number, JobRecord record) {
    this.number = number;
    this.record = record;
  }

  /** Place in the order of creation. */
  long number() {
    return number;
  }

  JobRecord record() {
    return record;
  }

  NavigableMap<String, Item> items() {
    return items;
  }

  /** Runs of entries, oldest first. */
  Iterable<JournalChunk> journal() {
    return journal;
  }

  void put(JobRecord newRecord, List<JournalEntry> entries, List<Item> newItems, int cap) {
    record = newRecord;
    if (!entries.isEmpty()) {
      journal.add(JournalRuns.endingAt(record.getJob().getStatus().getLogCounts(), entries));
      dropOldest(cap);
    }
    newItems.forEach(item -> items.put(item.getId(), item));
  }

  /** Frees runs at the old end of which nothing is kept; those further on wait for their turn. */
  private void dropOldest(int cap) {
    while (JournalCap.kept(journal.getFirst(), record.getJob().getStatus().getLogCounts(), cap)
        .isEmpty()) {
      journal.removeFirst();
    }
  }
}
