package dev.milepost.server.watch;

import dev.milepost.server.job.JournalFilter;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;

/**
 * What a watch of one job sends.
 *
 * @param afterSequence sends journal entries after this number
 * @param minLevel sends log entries of this level and above; all if unspecified
 * @param omitStatus sends no statuses
 * @param omitJournal sends no journal entries
 */
public record JobWatchOptions(
    long afterSequence, LogLevel minLevel, boolean omitStatus, boolean omitJournal) {
  /** Sends only the job and its status. */
  public static final JobWatchOptions STATUS_ONLY =
      new JobWatchOptions(0, LogLevel.LOG_LEVEL_UNSPECIFIED, false, true);

  /** Returns whether an entry is sent: state and stage changes always are. */
  boolean includes(JournalEntry entry) {
    return JournalFilter.hasLevel(entry, minLevel);
  }
}
