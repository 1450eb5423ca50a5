package dev.milepost.server.store;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobState;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The attributes that jobs are counted by. Every store keeps one number for all jobs that agree in
 * them.
 *
 * @param tenantId tenant
 * @param userId owner
 * @param projectId project; empty: none
 * @param type type
 * @param scope scope
 * @param state state
 */
public record CountCell(
    String tenantId, String userId, String projectId, String type, JobScope scope, JobState state) {
  /** Returns the cell in which a job is counted. */
  public static CountCell of(JobRecord record) {
    Job job = record.getJob();
    return new CountCell(
        job.getTenantId(),
        job.getUserId(),
        job.getSpec().getProjectId(),
        job.getSpec().getType(),
        job.getSpec().getScope(),
        job.getStatus().getState());
  }

  /**
   * Returns tenants with queued jobs, in no particular order.
   *
   * @param counts the counts of all cells
   * @param limit maximum number of tenants
   */
  public static List<String> queuedTenants(Map<CountCell, CellCount> counts, int limit) {
    return counts.entrySet().stream()
        .filter(count -> count.getKey().state == JobState.JOB_STATE_QUEUED)
        .filter(count -> count.getValue().jobs() > 0)
        .map(count -> count.getKey().tenantId)
        .distinct()
        .limit(limit)
        .toList();
  }

  /** Whether a count with this filter includes the cell. */
  public boolean matches(JobFilter filter) {
    return (filter.getTenantId().isEmpty() || filter.getTenantId().equals(tenantId))
        && (filter.getUserId().isEmpty() || filter.getUserId().equals(userId))
        && (filter.getStatesCount() == 0 || filter.getStatesList().contains(state))
        && (filter.getTypesCount() == 0 || filter.getTypesList().contains(type))
        && (filter.getProjectId().isEmpty() || filter.getProjectId().equals(projectId))
        && (filter.getScope() == JobScope.JOB_SCOPE_UNSPECIFIED || filter.getScope() == scope);
  }

  /**
   * Returns the group that the cell belongs to: only the grouping attributes are set, and no count.
   */
  public JobCount group(Set<JobGroup> groups) {
    JobCount.Builder group = JobCount.newBuilder();
    if (groups.contains(JobGroup.JOB_GROUP_STATE)) {
      group.setState(state);
    }
    if (groups.contains(JobGroup.JOB_GROUP_TYPE)) {
      group.setType(type);
    }
    if (groups.contains(JobGroup.JOB_GROUP_USER)) {
      group.setUserId(userId);
    }
    if (groups.contains(JobGroup.JOB_GROUP_PROJECT)) {
      group.setProjectId(projectId);
    }
    if (groups.contains(JobGroup.JOB_GROUP_SCOPE)) {
      group.setScope(scope);
    }
    return group.build();
  }
}
