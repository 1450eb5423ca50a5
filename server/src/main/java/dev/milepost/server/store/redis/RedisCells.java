package dev.milepost.server.store.redis;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.engine.CheckedCell;
import org.jspecify.annotations.Nullable;

/**
 * The places of messages in Redis, each of which has a checksum. The place of a job's fields
 * includes its number, so that a damaged number is found too.
 */
final class RedisCells {
  private RedisCells() {}

  /**
   * The record of a job, without its spec.
   *
   * @param number position of the job in the order of creation
   */
  static CheckedCell record(JobKey key, long number) {
    return CheckedCell.of("record", key.tenantId(), key.jobId(), number);
  }

  /** The spec of a job. */
  static CheckedCell spec(JobKey key, long number) {
    return CheckedCell.of("spec", key.tenantId(), key.jobId(), number);
  }

  /** What never changes of a job, and places it in indexes. */
  static CheckedCell fixed(JobKey key, long number) {
    return CheckedCell.of("fixed", key.tenantId(), key.jobId(), number);
  }

  /**
   * A run of journal entries.
   *
   * @param lastSequence sequence of the last entry in the run
   */
  static CheckedCell run(JobKey key, long lastSequence) {
    return CheckedCell.of("run", key.tenantId(), key.jobId(), lastSequence);
  }

  /** An item of a job. */
  static CheckedCell item(JobKey key, String id) {
    return CheckedCell.of("item", key.tenantId(), key.jobId(), id);
  }

  /** An idempotent request, by the digest of its key in hexadecimal digits. */
  static CheckedCell request(String digest) {
    return CheckedCell.of("request", digest);
  }

  /** A server's record, which follows the 8 bytes of the time when it expires. */
  static CheckedCell serverRecord(String kind, String key) {
    return CheckedCell.of("server_record", kind, key);
  }

  /** Parses a value as Redis returns it; null if it is damaged or missing. */
  static <M extends MessageLite> @Nullable M parse(
      CheckedCell place, @Nullable Object value, Parser<M> parser) {
    return value instanceof byte[] bytes ? place.parse(bytes, parser) : null;
  }
}
