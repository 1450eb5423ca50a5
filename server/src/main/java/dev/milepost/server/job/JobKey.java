package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;

/**
 * Names a job: ids are unique within their tenant, so that nobody can learn from a clash that a
 * foreign job exists.
 *
 * @param tenantId the tenant, never empty
 * @param jobId the job's id within it, never empty
 */
public record JobKey(String tenantId, String jobId) {
  /** The key of a job. */
  public static JobKey of(Job job) {
    return new JobKey(job.getTenantId(), job.getId());
  }

  /** The key of a stored job. */
  public static JobKey of(JobRecord record) {
    return of(record.getJob());
  }
}
