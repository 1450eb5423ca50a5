package dev.milepost.server.store.redis;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job as Redis has it.
 *
 * @param record the job
 * @param number position in the order of creation
 */
record RedisStoredJob(JobRecord record, long number) {
  static final String NUMBER = "number";
  static final String VERSION = "version";
  static final String STATUS = "status";
  static final String SPEC = "spec";

  /** Adds the command that {@link #read} needs. */
  static void ask(RedisArguments to, RedisShard shard, JobKey key) {
    to.command("HMGET", shard.job(key), NUMBER, STATUS, SPEC);
  }

  /** Parses number, status and spec; returns null if there is no such job. */
  static @Nullable RedisStoredJob read(Object reply) {
    List<?> fields = (List<?>) reply;
    if (!(fields.get(0) instanceof byte[] number)) {
      return null;
    }
    JobRecord.Builder record = message(fields.get(1), JobRecord.parser(), "a job").toBuilder();
    record.getJobBuilder().setSpec(message(fields.get(2), JobSpec.parser(), "a spec"));
    return new RedisStoredJob(
        record.build(), Long.parseLong(new String(number, StandardCharsets.US_ASCII)));
  }

  /** Identifies the version of the job. A later job of the same id has another number. */
  String version() {
    return version(number, record);
  }

  static String version(long number, JobRecord record) {
    return number + "." + record.getRevision();
  }

  /** Encodes a job without its spec, which few changes touch. */
  static byte[] status(JobRecord record) {
    JobRecord.Builder status = record.toBuilder();
    status.getJobBuilder().clearSpec();
    return status.build().toByteArray();
  }

  /**
   * Parses a message.
   *
   * @throws StoreException if the bytes are missing or not valid
   */
  static <M extends MessageLite> M message(@Nullable Object bytes, Parser<M> parser, String what) {
    try {
      return parser.parseFrom(bytes instanceof byte[] given ? given : new byte[] {0});
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          "Redis contains " + what + " that cannot be read. Restore it from a backup.",
          e);
    }
  }
}
