package dev.milepost.server.store.redis;

import dev.milepost.storage.v1.JournalChunk;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads an entry of a stream, as a script returns it. */
final class RedisStreamEntry {
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

  /** The run of a journal that the entry holds; null if it is damaged. */
  static @Nullable JournalChunk chunk(Object entry) {
    return RedisStoredJob.message(fields(entry).get(1), JournalChunk.parser());
  }
}
