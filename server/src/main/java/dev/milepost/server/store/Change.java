package dev.milepost.server.store;

import dev.milepost.server.job.JobKey;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JournalEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a commit did to one job.
 *
 * @param key the job
 * @param before the job as it was; null if it is new, or was removed and could not be read
 * @param after the job as it is; null if it was removed
 * @param entries journal entries that were added, in order; empty if the job was removed
 */
public record Change(
    JobKey key,
    @Nullable JobRecord before,
    @Nullable JobRecord after,
    List<JournalEntry> entries) {}
