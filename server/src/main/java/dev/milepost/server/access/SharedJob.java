package dev.milepost.server.access;

/**
 * The job that the bearer of a share token may see the progress of.
 *
 * @param jobId id of the job, in the caller's tenant
 * @param shareId id of the share, which the job must have
 */
public record SharedJob(String jobId, String shareId) {}
