package dev.milepost.server.store;

import dev.milepost.server.job.JobKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Jobs whose wake time has come.
 *
 * @param keys the jobs, longest overdue first
 * @param next wake time of the next job after these; empty if there is none. Not after the query's
 *     time if more jobs are due than the query's limit
 */
public record DueJobs(List<JobKey> keys, Optional<Instant> next) {}
