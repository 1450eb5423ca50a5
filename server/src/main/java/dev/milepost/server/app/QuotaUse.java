package dev.milepost.server.app;

import dev.milepost.server.job.Transitions;
import dev.milepost.v1.JobCount;
import java.util.List;

/**
 * What an owner has in the store.
 *
 * @param all all of its jobs
 * @param finishedJobs number of those that have finished
 */
record QuotaUse(QuotaAmount all, long finishedJobs) {
  static final QuotaUse NOTHING = new QuotaUse(QuotaAmount.NOTHING, 0);

  /** Adds up counts by state. */
  static QuotaUse of(List<JobCount> byState) {
    QuotaAmount all = QuotaAmount.NOTHING;
    long finished = 0;
    for (JobCount count : byState) {
      all = all.plus(new QuotaAmount(count.getCount(), count.getStoredBytes()));
      finished += Transitions.isFinished(count.getState()) ? count.getCount() : 0;
    }
    return new QuotaUse(all, finished);
  }
}
