package dev.milepost.server.job;

import dev.milepost.v1.JobSpec;

/**
 * A job that is to be created, validated.
 *
 * @param key tenant and id
 * @param userId its owner
 * @param createdBy the caller, who may differ from the owner
 * @param parentId the job that it is a part of; empty: none
 * @param step the task step that it carries out; empty: none
 * @param spec what to do
 */
public record NewJob(
    JobKey key, String userId, String createdBy, String parentId, String step, JobSpec spec) {}
