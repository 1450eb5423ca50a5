package dev.milepost.server.copy;

import dev.milepost.server.job.JobKey;
import dev.milepost.storage.v1.JobRecord;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * A job to copy.
 *
 * @param record the job's record
 * @param whole reads the whole job, on demand
 */
public record SourceJob(JobRecord record, Supplier<CompletionStage<WholeJob>> whole) {
  JobKey key() {
    return JobKey.of(record);
  }
}
