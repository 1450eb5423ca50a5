package dev.milepost.server.watch;

import com.google.protobuf.Timestamp;
import dev.milepost.server.job.JournalLevels;
import java.util.Optional;

/**
 * What a watch of one job sends.
 *
 * @param afterSequence sends journal entries after this number
 * @param levels which kinds of journal entries it sends
 * @param omitStatus sends no statuses
 * @param omitJournal sends no journal entries
 * @param createTime when the job was created that {@code afterSequence} is a position of; empty: it
 *     is not checked
 */
public record JobWatchOptions(
    long afterSequence,
    JournalLevels levels,
    boolean omitStatus,
    boolean omitJournal,
    Optional<Timestamp> createTime) {
  /** Sends only the job and its status. */
  public static final JobWatchOptions STATUS_ONLY =
      new JobWatchOptions(0, JournalLevels.ALL, false, true, Optional.empty());
}
