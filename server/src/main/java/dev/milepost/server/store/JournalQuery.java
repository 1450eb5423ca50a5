package dev.milepost.server.store;

import dev.milepost.server.job.JobKey;

/**
 * Which part of a journal to read.
 *
 * @param key the job
 * @param after only entries after this sequence; 0: from the start
 * @param limit maximum number of entries, 1 to 1,000
 */
public record JournalQuery(JobKey key, long after, int limit) {}
