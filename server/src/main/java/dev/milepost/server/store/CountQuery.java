package dev.milepost.server.store;

import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import java.util.Set;

/**
 * Which jobs to count.
 *
 * @param filter only its tenant, user, states, types, project and scope may be set; an empty tenant
 *     means all tenants
 * @param groups what to group by; empty: one count of all matching jobs
 */
public record CountQuery(JobFilter filter, Set<JobGroup> groups) {
  /** Copies the groups. */
  public CountQuery {
    groups = Set.copyOf(groups);
  }

  /** Whether stores maintain counts for every attribute that a filter sets. */
  public static boolean isCounted(JobFilter filter) {
    return filter.toBuilder()
        .clearTenantId()
        .clearUserId()
        .clearStates()
        .clearTypes()
        .clearProjectId()
        .clearScope()
        .build()
        .equals(JobFilter.getDefaultInstance());
  }
}
