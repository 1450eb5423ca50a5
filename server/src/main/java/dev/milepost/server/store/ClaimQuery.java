package dev.milepost.server.store;

import dev.milepost.server.job.JobRecords;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
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
 * @param maxBytes maximum sum of the jobs' {@link #weight}s; the first job is found whatever it
 *     weighs, and jobs that do not fit stay queued
 */
public record ClaimQuery(
    String tenantId,
    Set<String> types,
    Set<JobScope> scopes,
    int minPriority,
    int maxPriority,
    int limit,
    long maxBytes) {
  /** Half of what clients accept in one message by default. */
  public static final long MAX_BYTES = 2 << 20;

  /** Maximum limit. */
  public static final int MAX_LIMIT = 100;

  /** How many jobs of a lane, or of a priority in it, are its first ones. */
  public static final int FIRST_OF_EACH = 10;

  /** How many lanes, or priorities in them, are searched for their first jobs. */
  public static final int MAX_FIRST_OF = 100;

  /** Maximum number of first jobs. */
  public static final int MAX_FIRST = FIRST_OF_EACH * MAX_FIRST_OF;

  /** What a claim adds to a job: the attempt's worker, times and token. */
  private static final int ATTEMPT_BYTES = 2 << 10;

  /** Copies the sets. */
  public ClaimQuery {
    types = Set.copyOf(types);
    scopes = Set.copyOf(scopes);
  }

  /** A claim of as many bytes as one response may have. */
  public ClaimQuery(
      String tenantId,
      Set<String> types,
      Set<JobScope> scopes,
      int minPriority,
      int maxPriority,
      int limit) {
    this(tenantId, types, scopes, minPriority, maxPriority, limit, MAX_BYTES);
  }

  /** Returns the same query with another limit. */
  public ClaimQuery atMost(int newLimit) {
    return new ClaimQuery(tenantId, types, scopes, minPriority, maxPriority, newLimit, maxBytes);
  }

  /** Returns the bytes that a job of this stored size needs in the response, or more. */
  public static long weight(long storedBytes) {
    return storedBytes + ATTEMPT_BYTES;
  }

  /** Whether this claim may take a job. */
  public boolean accepts(JobRecord job) {
    return JobRecords.isClaimable(job) && fits(job.getJob());
  }

  /** Whether this claim may take a job as soon as the job can be claimed. */
  public boolean fits(Job job) {
    JobSpec spec = job.getSpec();
    return accepts(job.getTenantId(), spec.getType(), spec.getScope())
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
