package dev.milepost.server.watch;

import com.google.protobuf.Timestamp;
import dev.milepost.server.job.JournalLevels;
import dev.milepost.storage.v1.JobRecord;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a watch of one job sends.
 *
 * @param afterSequence sends journal entries after this number
 * @param tail if {@code afterSequence} is 0, starts with so many of the latest entries; 0: all
 * @param levels which kinds of journal entries it sends
 * @param omitStatus sends no statuses
 * @param omitJournal sends no journal entries
 * @param createTime when the job was created that {@code afterSequence} is a position of; empty: it
 *     is not checked
 * @param check throws to end the watch instead of sending anything of a job as it is now
 */
public record JobWatchOptions(
    long afterSequence,
    int tail,
    JournalLevels levels,
    boolean omitStatus,
    boolean omitJournal,
    Optional<Timestamp> createTime,
    Consumer<JobRecord> check) {
  /** Sends only the job and its status. */
  public static final JobWatchOptions STATUS_ONLY =
      new JobWatchOptions(0, 0, JournalLevels.ALL, false, true, Optional.empty());

  /** Options of a watch that no change of the job ends. */
  public JobWatchOptions(
      long afterSequence,
      int tail,
      JournalLevels levels,
      boolean omitStatus,
      boolean omitJournal,
      Optional<Timestamp> createTime) {
    this(afterSequence, tail, levels, omitStatus, omitJournal, createTime, job -> {});
  }

  /** Returns these options with a check. */
  public JobWatchOptions checked(Consumer<JobRecord> check) {
    return new JobWatchOptions(
        afterSequence, tail, levels, omitStatus, omitJournal, createTime, check);
  }
}
