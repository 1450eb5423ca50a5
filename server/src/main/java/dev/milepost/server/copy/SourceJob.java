package dev.milepost.server.copy;

import dev.milepost.server.job.JobKey;
import dev.milepost.storage.v1.JobRecord;
import java.util.function.Supplier;

/**
 * A job to copy.
 *
 * @param record the job's record
 * @param reading begins to read its journal and items; called once at most
 */
public record SourceJob(JobRecord record, Supplier<JobReading> reading) {
  JobKey key() {
    return JobKey.of(record);
  }
}
