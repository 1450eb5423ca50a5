package dev.milepost.server.store;

import dev.milepost.server.job.JobRecords;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import java.util.Set;

/**
 * Which queued jobs a claim may take: highest priority first, then oldest. A job can be claimed if
 * it is QUEUED and no claimable_time holds it back.
 *
 * @param tenantId tenant
 * @param types types; empty: any
 * @param scopes scopes; empty: any
 * @param minPriority lowest priority
 * @param maxPriority highest priority
 * @param limit maximum number of jobs, 1 to 100
 */
public record ClaimQuery(
    String tenantId,
    Set<String> types,
    Set<JobScope> scopes,
    int minPriority,
    int maxPriority,
    int limit) {
  /** Copies the sets. */
  public ClaimQuery {
    types = Set.copyOf(types);
    scopes = Set.copyOf(scopes);
  }

  /** Whether this claim may take a job. */
  public boolean accepts(JobRecord job) {
    JobSpec spec = job.getJob().getSpec();
    return JobRecords.isClaimable(job)
        && accepts(job.getJob().getTenantId(), spec.getType(), spec.getScope())
        && spec.getPriority() >= minPriority
        && spec.getPriority() <= maxPriority;
  }

  /** Whether this claim may take jobs from a lane, if their priority is in range. */
  public boolean accepts(String laneTenant, String laneType, JobScope laneScope) {
    return laneTenant.equals(tenantId)
        && (types.isEmpty() || types.contains(laneType))
        && (scopes.isEmpty() || scopes.contains(laneScope));
  }
}
