package dev.milepost.server.watch;

import dev.milepost.server.job.JournalFilter;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;

/**
 * What a watcher wants to see.
 *
 * @param afterSequence journal entries after this number
 * @param minLevel log lines of this level and above; unspecified: all
 * @param omitStatus no statuses
 * @param omitJournal no journal entries
 */
public record JobWatchOptions(
    long afterSequence, LogLevel minLevel, boolean omitStatus, boolean omitJournal) {
  /** Only the job's status, from now on. */
  public static final JobWatchOptions STATUS_ONLY =
      new JobWatchOptions(0, LogLevel.LOG_LEVEL_UNSPECIFIED, false, true);

  /**
   * Whether an entry is of interest: lines below the level are not, state and stage changes always
   * are.
   */
  boolean wants(JournalEntry entry) {
    return JournalFilter.hasLevel(entry, minLevel);
  }
}
