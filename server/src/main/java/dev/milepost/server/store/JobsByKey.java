package dev.milepost.server.store;

import dev.milepost.storage.v1.JobRecord;
import java.util.List;

/**
 * Jobs that were read by their keys.
 *
 * @param jobs those that exist, in the order of the keys
 * @param unreadable those that exist but cannot be read
 * @param read number of keys that were read, from the first: the others did not fit
 */
public record JobsByKey(List<JobRecord> jobs, List<UnreadableJob> unreadable, int read) {}
