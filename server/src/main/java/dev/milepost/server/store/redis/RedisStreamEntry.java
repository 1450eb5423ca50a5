package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.storage.v1.JournalChunk;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads an entry of a stream, as a script returns it. */
final class RedisStreamEntry {
  /** The field of a journal's entry. */
  static final String RUN = "run";

  private RedisStreamEntry() {}

  /** The entry's id. */
  static String id(Object entry) {
    return RedisSnapshot.text(((List<?>) entry).get(0));
  }

  /** The number before the dash of the entry's id. */
  static long number(Object entry) {
    String id = id(entry);
    return Long.parseLong(id.substring(0, id.indexOf('-')));
  }

  /** Fields and values, alternating. */
  static List<?> fields(Object entry) {
    return (List<?>) ((List<?>) entry).get(1);
  }

  /** The run of a job's journal that the entry holds; null if it is damaged. */
  static @Nullable JournalChunk chunk(JobKey key, Object entry) {
    return RedisCells.parse(
        RedisCells.run(key, number(entry)), fields(entry).get(1), JournalChunk.parser());
  }
}
