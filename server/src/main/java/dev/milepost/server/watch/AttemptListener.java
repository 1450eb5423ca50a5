package dev.milepost.server.watch;

import dev.milepost.server.job.JobKey;
import dev.milepost.storage.v1.JobRecord;
import org.jspecify.annotations.Nullable;

/** Receives the changes of jobs whose attempts somebody holds. Must be quick and must not throw. */
public interface AttemptListener {
  /**
   * Called after commits on the thread of the store, and after missed ones with the job as it is.
   * So the same record may come twice, and one may come after a later one.
   *
   * @param after the job; null if it was removed
   */
  void changed(JobKey key, @Nullable JobRecord after);
}
