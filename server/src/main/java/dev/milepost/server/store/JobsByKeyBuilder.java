package dev.milepost.server.store;

import dev.milepost.storage.v1.JobRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects jobs that are read by their keys, as many as fit. Used once, by one thread at a time.
 */
public final class JobsByKeyBuilder {
  private final long maxBytes;
  private final JobShape shape;
  private final List<JobRecord> jobs = new ArrayList<>();
  private final List<UnreadableJob> unreadable = new ArrayList<>();
  private long bytes;
  private int read;

  /**
   * Without jobs.
   *
   * @param maxBytes maximum size of the jobs in their shape; the first one may be larger
   */
  public JobsByKeyBuilder(long maxBytes, JobShape shape) {
    this.maxBytes = maxBytes;
    this.shape = shape;
  }

  /** Returns how many keys have been read. */
  public int read() {
    return read;
  }

  /**
   * Adds the job of the next key; null if it does not exist.
   *
   * @return whether to read on
   */
  public boolean add(@Nullable JobRecord job) {
    JobRecord kept = job == null ? null : shape.of(job);
    if (kept != null) {
      int size = kept.getSerializedSize();
      if (!jobs.isEmpty() && bytes + size > maxBytes) {
        return false;
      }
      bytes += size;
      jobs.add(kept);
    }
    read++;
    return true;
  }

  /** Adds the job of the next key, which cannot be read; null if it is gone meanwhile. */
  public void addUnreadable(@Nullable UnreadableJob job) {
    if (job != null) {
      unreadable.add(job);
    }
    read++;
  }

  /** Returns the jobs. */
  public JobsByKey build() {
    return new JobsByKey(jobs, unreadable, read);
  }
}
