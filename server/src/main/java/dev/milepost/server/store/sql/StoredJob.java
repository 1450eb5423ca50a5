package dev.milepost.server.store.sql;

import dev.milepost.storage.v1.JobRecord;

/**
 * A job as its row has it.
 *
 * @param number its position in the order of creation
 * @param record the job
 * @param tail the end of its journal that is not sealed yet
 */
public record StoredJob(long number, JobRecord record, JournalTail tail) {
  /** Approximate memory use in bytes. */
  public int weight() {
    return 3 * record.getSerializedSize() + tail.size() + 500;
  }
}
