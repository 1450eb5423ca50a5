package dev.milepost.server.store;

import dev.milepost.server.job.JobKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Jobs whose wake time is in a range.
 *
 * @param keys the jobs, longest overdue first
 * @param next wake time of the next job after these; empty if there is none. Not after the range if
 *     more jobs are in it than the query's limit
 */
public record DueJobs(List<JobKey> keys, Optional<Instant> next) {}
