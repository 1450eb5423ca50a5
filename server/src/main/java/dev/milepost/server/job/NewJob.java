package dev.milepost.server.job;

import dev.milepost.v1.JobSpec;

/**
 * A job to create, validated.
 *
 * @param key tenant and id
 * @param userId its owner
 * @param createdBy the caller, who may not be the owner
 * @param parentId the job's parent; empty: none
 * @param step the task step that it carries out; empty: none
 * @param spec what to do
 */
public record NewJob(
    JobKey key, String userId, String createdBy, String parentId, String step, JobSpec spec) {}
