package dev.milepost.client;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A handler whose value becomes the job's result; see {@link JobHandler#returning}. */
@FunctionalInterface
public interface ResultHandler {
  /**
   * Does the work of one attempt, as {@link JobHandler#handle} does.
   *
   * @return the result, as for {@link JobContext#result}; null: what {@code result} has set, if
   *     anything
   */
  @Nullable Map<String, ?> handle(JobContext context) throws Exception;
}
