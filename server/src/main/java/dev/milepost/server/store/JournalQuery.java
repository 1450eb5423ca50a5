package dev.milepost.server.store;

import dev.milepost.server.job.JobKey;

/**
 * Which part of a journal to read.
 *
 * @param key the job
 * @param position only entries after this sequence, or if the newest come first, before it; 0 or
 *     {@link Long#MAX_VALUE}: from that end of the journal
 * @param limit maximum number of entries, 1 to 1,000
 * @param newestFirst whether to read backward
 */
public record JournalQuery(JobKey key, long position, int limit, boolean newestFirst) {
  /** Reads forward the entries after a sequence. */
  public JournalQuery(JobKey key, long after, int limit) {
    this(key, after, limit, false);
  }

  /** Returns whether an entry lies in the part. */
  boolean includes(long sequence) {
    return newestFirst ? sequence < position : sequence > position;
  }
}
