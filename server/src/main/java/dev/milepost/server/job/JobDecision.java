package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JournalEntry;
import java.time.Instant;
import java.util.List;

/** The outcome of a command for one job. A store commits all of it or nothing. */
public sealed interface JobDecision {
  /** Key of the job. */
  JobKey key();

  /**
   * The job is created or changed.
   *
   * @param record the new record; its revision is the old one's plus one
   * @param entries journal entries to add; their sequences continue the old record's without a gap
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
  }

  /** The job does not change: nothing is written. */
  record Keep(JobRecord record) implements JobDecision {
    @Override
    public JobKey key() {
      return JobKey.of(record);
    }
  }

  /**
   * The job is due again at another time, although its record cannot be changed: it cannot be read,
   * or no rule can handle it. Only the store's index of wake times changes, until the job's state
   * or the record's wake time does.
   *
   * @param wakeTime when the job is due again
   */
  record Postpone(JobKey key, Instant wakeTime) implements JobDecision {}

  /**
   * The job counts as failed from now on, although its record cannot be read and so cannot be
   * changed. Only the store's indexes and counts change, and none of its timers is due any more.
   */
  record MarkFailed(JobKey key) implements JobDecision {}

  /** The job is deleted with its journal and items. */
  record Remove(JobKey key) implements JobDecision {}
}
