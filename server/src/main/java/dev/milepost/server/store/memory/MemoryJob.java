package dev.milepost.server.store.memory;

import dev.milepost.server.job.JournalCap;
import dev.milepost.server.job.SearchText;
import dev.milepost.server.job.Times;
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

/** A job with its journal and items. Used by the store's thread only. */
final class MemoryJob {
  private final long number;
  private final NavigableMap<String, Item> items = new TreeMap<>();
  private final Deque<JournalChunk> journal = new ArrayDeque<>();
  private JobRecord record;
  private String searchText;

  /** When the job is due; 0: never. */
  private long wakeMicros;

  /** A job without journal and items. */
  MemoryJob(long number, JobRecord record) {
    this.number = number;
    this.record = record;
    this.searchText = SearchText.of(record.getJob());
    this.wakeMicros = wakeMicros(record);
  }

  private static long wakeMicros(JobRecord record) {
    return record.hasWakeTime() ? Times.micros(record.getWakeTime()) : 0;
  }

  /** Position in the order of creation. */
  long number() {
    return number;
  }

  JobRecord record() {
    return record;
  }

  /** When the job is due, in microseconds since the epoch; 0: never. */
  long wakeMicros() {
    return wakeMicros;
  }

  /** Sets when the job is due, until its state or the wake time of its record changes. */
  void postpone(long micros) {
    wakeMicros = micros;
  }

  NavigableMap<String, Item> items() {
    return items;
  }

  /** Runs of entries, oldest or newest first. */
  Iterable<JournalChunk> journal(boolean newestFirst) {
    return newestFirst ? journal::descendingIterator : journal;
  }

  /** The text by which the job is found. */
  String searchText() {
    return searchText;
  }

  void put(JobRecord newRecord, List<JournalEntry> entries, List<Item> newItems, int cap) {
    if (!newRecord.getJob().getSpec().equals(record.getJob().getSpec())) {
      searchText = SearchText.of(newRecord.getJob());
    }
    record = newRecord;
    wakeMicros = wakeMicros(newRecord);
    if (!entries.isEmpty()) {
      journal.add(JournalRuns.endingAt(record.getJob().getStatus().getLogCounts(), entries));
      dropOldest(cap);
    }
    newItems.forEach(item -> items.put(item.getId(), item));
  }

  /** Frees the oldest runs while nothing in them is kept; later runs wait for their turn. */
  private void dropOldest(int cap) {
    while (JournalCap.kept(journal.getFirst(), record.getJob().getStatus().getLogCounts(), cap)
        .isEmpty()) {
      journal.removeFirst();
    }
  }
}
