package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;

/**
 * Identifies a job. Ids are unique within a tenant, so that a conflict cannot reveal that another
 * tenant has a job with the same id.
 *
 * @param tenantId the tenant, never empty
 * @param jobId the job's id within the tenant, never empty
 */
public record JobKey(String tenantId, String jobId) {
  /** Returns the key of a job. */
  public static JobKey of(Job job) {
    return new JobKey(job.getTenantId(), job.getId());
  }

  /** Returns the key of a stored job. */
  public static JobKey of(JobRecord record) {
    return of(record.getJob());
  }
}
