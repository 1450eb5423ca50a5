package dev.milepost.server.watch;

import com.google.protobuf.Timestamp;
import dev.milepost.server.job.JournalFilter;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;
import java.util.Optional;

/**
 * What a watch of one job sends.
 *
 * @param afterSequence sends journal entries after this number
 * @param minLevel sends log entries of this level and above; all if unspecified
 * @param omitStatus sends no statuses
 * @param omitJournal sends no journal entries
 * @param createTime when the job was created that {@code afterSequence} is a position of; empty: it
 *     is not checked
 */
public record JobWatchOptions(
    long afterSequence,
    LogLevel minLevel,
    boolean omitStatus,
    boolean omitJournal,
    Optional<Timestamp> createTime) {
  /** Sends only the job and its status. */
  public static final JobWatchOptions STATUS_ONLY =
      new JobWatchOptions(0, LogLevel.LOG_LEVEL_UNSPECIFIED, false, true, Optional.empty());

  /** Returns whether an entry is sent: state and stage changes always are. */
  boolean includes(JournalEntry entry) {
    return JournalFilter.hasLevel(entry, minLevel);
  }
}
