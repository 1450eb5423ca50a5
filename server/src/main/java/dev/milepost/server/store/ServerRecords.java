package dev.milepost.server.store;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Facts that servers keep in their store beside the jobs, so that other servers see them and a
 * restart does not lose them. Thread-safe; nothing blocks.
 *
 * <p>For small facts that are rewritten every few seconds at most, never for each call. A write is
 * visible when its stage completes. It may be lost if the server or the store is killed within
 * seconds; jobs never are.
 */
public interface ServerRecords {
  /** Maximum size of a value in bytes. */
  int MAX_VALUE_BYTES = 32 << 10;

  /** Maximum number of records of a kind. More push out those that expire first. */
  int MAX_RECORDS = 2_000;

  /**
   * Writes records, all or nothing, and forgets what has expired.
   *
   * @return completes with true; fails with {@link StoreException} if nothing, or nobody knows
   *     what, was written
   */
  CompletionStage<Boolean> write(RecordWrite write);

  /**
   * Reads the records of a kind whose keys begin with a prefix, in the order of their keys. Leaves
   * out what has expired or is damaged.
   *
   * @param prefix empty, or printable ASCII characters
   */
  CompletionStage<List<ServerRecord>> list(RecordKind kind, String prefix);
}
