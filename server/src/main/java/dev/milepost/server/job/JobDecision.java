package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JournalEntry;
import java.util.List;

/**
 * What a command comes to: how one job is to be from now on. A store commits it whole or not at
 * all.
 */
public sealed interface JobDecision {
  /** The job that this is about. */
  JobKey key();

  /**
   * The job is as {@code record} says.
   *
   * @param record the new record; its revision is one more than the old one's
   * @param entries journal entries to add; their sequences follow the old record's without a gap
   * @param items items to add or replace, by id
   */
  record Put(JobRecord record, List<JournalEntry> entries, List<Item> items)
      implements JobDecision {
    /** Copies the lists. */
    public Put {
      entries = List.copyOf(entries);
      items = List.copyOf(items);
    }

    @Override
    public JobKey key() {
      return JobKey.of(record);
    }

    /** This decision and the one that was made upon it, as one. */
    public Put then(Put next) {
      return new Put(next.record(), concat(entries, next.entries()), concat(items, next.items()));
    }

    private static <T> List<T> concat(List<T> first, List<T> second) {
      return Stream.concat(first.stream(), second.stream()).toList();
    }
  }

  /** The job stays as it is: nothing is written. */
  record Keep(JobRecord record) implements JobDecision {
    @Override
    public JobKey key() {
      return JobKey.of(record);
    }
  }

  /** The job is gone with its journal and items. */
  record Remove(JobKey key) implements JobDecision {}
}
