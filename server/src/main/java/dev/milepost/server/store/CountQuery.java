package dev.milepost.server.store;

import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  /** Adds up the cells that the filter matches, by group. */
  public List<JobCount> sum(Map<CountCell, CellCount> cells) {
    Map<JobCount, CellCount> sums = new HashMap<>();
    if (groups.isEmpty()) {
      sums.put(JobCount.getDefaultInstance(), new CellCount(0, 0));
    }
    cells.forEach(
        (cell, count) -> {
          if (cell.matches(filter)) {
            sums.merge(cell.group(groups), count, CellCount::plus);
          }
        });
    return counts(sums);
  }

  /** Returns sums by group as counts. */
  public static List<JobCount> counts(Map<JobCount, CellCount> sums) {
    return sums.entrySet().stream()
        .map(
            group ->
                group.getKey().toBuilder()
                    .setCount(group.getValue().jobs())
                    .setStoredBytes(Math.max(0, group.getValue().bytes()))
                    .build())
        .toList();
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
