package dev.milepost.server.store;

import dev.milepost.server.job.JobKey;

/**
 * Which part of a journal.
 *
 * @param key the job
 * @param after entries after this sequence; 0: from the start
 * @param limit most entries, 1 to 1,000
 */
public record JournalQuery(JobKey key, long after, int limit) {}
