package dev.milepost.server.store;

import dev.milepost.server.job.JobKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Jobs whose time has come.
 *
 * @param keys the jobs, the longest overdue first
 * @param next when the next after these wakes; empty where none will. Not after the query's time
 *     where there are more than were asked for
 */
public record DueJobs(List<JobKey> keys, Optional<Instant> next) {}
