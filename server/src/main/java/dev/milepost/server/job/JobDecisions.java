package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import java.util.List;

/**
 * What commands lead to, including what follows for parents.
 *
 * @param own the decision on each commanded job, in the order of the jobs
 * @param all everything to commit: the decisions on the jobs and on their parents
 */
public record JobDecisions(List<JobDecision> own, List<JobDecision> all) {
  /** Copies the lists. */
  public JobDecisions {
    own = List.copyOf(own);
    all = List.copyOf(all);
  }

  /** Returns the decision on the first commanded job. */
  public JobDecision first() {
    return own.get(0);
  }

  /** Returns the first commanded job as it is after the decision, or as it was if it is removed. */
  public JobRecord firstOr(JobRecord before) {
    return first() instanceof JobDecision.Put put ? put.record() : before;
  }
}
