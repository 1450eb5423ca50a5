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
 * @param number place in the order of creation
 */
record RedisStoredJob(JobRecord record, long number) {
  static final String NUMBER = "number";
  static final String VERSION = "version";
  static final String STATUS = "status";
  static final String SPEC = "spec";

  /** Asks for what {@link #read} reads. */
  static void ask(RedisWords to, RedisShard shard, JobKey key) {
    to.command("HMGET", shard.job(key), NUMBER, STATUS, SPEC);
  }

  /** Reads number, status and spec; null: there is no such job. */
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

  /** Which version of which job it is: another job of the same id has another number. */
  String version() {
    return version(number, record);
  }

  static String version(long number, JobRecord record) {
    return number + "." + record.getRevision();
  }

  /** What the job keeps of it besides its spec, which few changes touch. */
  static byte[] status(JobRecord record) {
    JobRecord.Builder status = record.toBuilder();
    status.getJobBuilder().clearSpec();
    return status.build().toByteArray();
  }

  /**
   * Reads a message.
   *
   * @throws StoreException where these bytes are none, or are missing
   */
  static <M extends MessageLite> M message(@Nullable Object bytes, Parser<M> parser, String what) {
    try {
      return parser.parseFrom(bytes instanceof byte[] given ? given : new byte[] {0});
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          "Redis holds " + what + " that cannot be read: restore it from a backup.",
          e);
    }
  }
}
