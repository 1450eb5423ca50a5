package dev.milepost.server.copy;

import dev.milepost.server.job.JobKey;
import dev.milepost.storage.v1.JobRecord;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * A job that can be copied.
 *
 * @param record what it is
 * @param whole reads all of it, where that is needed
 */
public record SourceJob(JobRecord record, Supplier<CompletionStage<WholeJob>> whole) {
  JobKey key() {
    return JobKey.of(record);
  }
}
