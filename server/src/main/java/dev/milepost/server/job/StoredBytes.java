package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JournalEntry;

/**
 * How many bytes a job takes in a store: its spec, its status, the kept entries of its journal and
 * its items, as they are encoded, and a constant for the rest.
 *
 * <p>The record keeps these sizes, so that no store has to add them up. It also says which size the
 * store's counts contain for the job. That one changes with the job's state, which changes the
 * counts in any case, and otherwise only by at least {@link #TOLERANCE}: an ordinary report leaves
 * the counts alone, which are shared by many jobs.
 */
public final class StoredBytes {
  /** By how many bytes the counted size of a job differs from its size, at most. */
  public static final int TOLERANCE = 16 * 1024;

  /** What a job takes besides: its ids, its owner, its times. */
  private static final int REST = 256;

  private StoredBytes() {}

  /**
   * Returns the size of a job with its journal and items. The cost does not grow with the spec, or
   * with the number of entries and items.
   */
  public static long of(JobRecord record) {
    long bytes =
        Saturated.add(record.getItemBytes(), record.getSpecBytes())
            + record.getJob().getStatus().getSerializedSize()
            + record.getParentRecord().getSerializedSize()
            + REST;
    for (int kind = 0; kind < record.getJournalBytesCount(); kind++) {
      bytes = Saturated.add(bytes, record.getJournalBytes(kind));
    }
    return bytes;
  }

  /**
   * Measures the spec of a job if it has changed. It is not measured with each change of the job:
   * it may be long, and what was read from a store does not know its size.
   *
   * @param before the job before the change
   */
  @SuppressWarnings("ReferenceEquality") // A change that leaves the spec alone keeps the instance.
  static void measureSpec(JobRecord.Builder record, JobRecord before) {
    JobSpec spec = record.getJob().getSpec();
    if (record.getSpecBytes() == 0 || spec != before.getJob().getSpec()) {
      record.setSpecBytes(spec.getSerializedSize());
    }
  }

  /**
   * Adds a journal entry.
   *
   * @param isFull whether the oldest entry of its kind is dropped for it
   * @param cap number of entries that are kept of each kind
   */
  static void append(JobRecord.Builder record, JournalEntry entry, boolean isFull, int cap) {
    while (record.getJournalBytesCount() < JournalCap.KINDS) {
      record.addJournalBytes(0);
    }
    int kind = JournalCap.kind(entry);
    long bytes = Saturated.add(record.getJournalBytes(kind), entry.getSerializedSize());
    record.setJournalBytes(kind, isFull ? bytes - bytes / (cap + 1L) : bytes);
  }

  /** Adds or replaces an item; {@code known} is the default instance if it is new. */
  static void putItem(JobRecord.Builder record, Item item, Item known) {
    long change = (long) item.getSerializedSize() - known.getSerializedSize();
    // Jobs of earlier versions have items that were never added.
    record.setItemBytes(Math.max(0, Saturated.add(record.getItemBytes(), change)));
  }

  /**
   * Returns a changed job with the size that counts are to contain for it.
   *
   * @param before the job before the change; its revision is 0 if it is new
   */
  static JobRecord charged(JobRecord before, JobRecord after) {
    long bytes = of(after);
    long charged = after.getChargedBytes();
    boolean changesCounts =
        before.getRevision() == 0
            || before.getJob().getStatus().getState() != after.getJob().getStatus().getState()
            || Math.abs(bytes - charged) >= TOLERANCE;
    return changesCounts && bytes != charged
        ? after.toBuilder().setChargedBytes(bytes).build()
        : after;
  }
}
