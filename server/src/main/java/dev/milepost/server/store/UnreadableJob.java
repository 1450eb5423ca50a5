package dev.milepost.server.store;

import dev.milepost.server.job.JobFilters;
import dev.milepost.server.job.JobKey;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobState;

/**
 * A job that exists but whose stored record cannot be read: it is damaged. Every read skips it and
 * names it, so that it costs itself alone; it can be removed.
 *
 * @param known what the store's keys and indexes say of the job: its tenant and id, and as far as
 *     they are known its owner, parent, type, scope, project and state
 */
public record UnreadableJob(Job known) {
  /** Key of the job. */
  public JobKey key() {
    return JobKey.of(known);
  }

  /** Whether a filter may match the job: what is not known of it counts as matching. */
  public boolean mayMatch(JobFilter filter) {
    JobFilter.Builder decidable =
        JobFilter.newBuilder().setTenantId(filter.getTenantId()).setIdPrefix(filter.getIdPrefix());
    if (!known.getUserId().isEmpty()) {
      decidable
          .setUserId(filter.getUserId())
          .setParentId(filter.getParentId())
          .setTopLevel(filter.getTopLevel());
    }
    if (!known.getSpec().getType().isEmpty()) {
      decidable.addAllTypes(filter.getTypesList());
    }
    if (known.getSpec().getScope() != JobScope.JOB_SCOPE_UNSPECIFIED) {
      decidable.setScope(filter.getScope());
    }
    if (known.getStatus().getState() != JobState.JOB_STATE_UNSPECIFIED) {
      decidable.addAllStates(filter.getStatesList());
    }
    return JobFilters.matches(decidable.build(), known);
  }
}
