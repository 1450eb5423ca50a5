package dev.milepost.server.store.sql;

import dev.milepost.server.store.UnreadableJob;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.JobState;
import org.jspecify.annotations.Nullable;

/**
 * A job as its row has it.
 *
 * @param number its position in the order of creation
 * @param record the job; if it cannot be read, only what its columns say of it
 * @param tail the end of its journal that is not sealed yet
 * @param isReadable whether the record is that of the job
 */
public record StoredJob(long number, JobRecord record, JournalTail tail, boolean isReadable) {
  /** A job that can be read. */
  public StoredJob(long number, JobRecord record, JournalTail tail) {
    this(number, record, tail, true);
  }

  /** A job that cannot be read, with what its columns say of it. */
  static StoredJob unreadable(long number, JobRecord known) {
    return new StoredJob(number, known, JournalTail.of(JournalChunk.getDefaultInstance()), false);
  }

  /** Returns a job that cannot be read as one that counts as failed. */
  StoredJob markedFailed() {
    JobRecord.Builder known = record.toBuilder();
    known.getJobBuilder().getStatusBuilder().setState(JobState.JOB_STATE_FAILED);
    return unreadable(number, known.build());
  }

  /** What is known of the job, if it cannot be read; otherwise null. */
  @Nullable UnreadableJob unreadable() {
    return isReadable ? null : new UnreadableJob(record.getJob());
  }

  /** Approximate memory use in bytes. */
  public int weight() {
    return 3 * record.getSerializedSize() + tail.size() + 500;
  }
}
