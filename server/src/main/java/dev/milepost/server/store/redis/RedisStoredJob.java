package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.RecordUpgrade;
import dev.milepost.server.job.SearchText;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A job as Redis has it.
 *
 * @param record the job; if it cannot be read, only what is known of it otherwise
 * @param number position in the order of creation; 0 if it is damaged
 * @param version identifies the version of the job. A later job of the same id has another one
 * @param isReadable whether the record is that of the job
 */
record RedisStoredJob(JobRecord record, long number, String version, boolean isReadable) {
  static final String NUMBER = "number";
  static final String VERSION = "version";

  /** The record without its spec, with a checksum, as are the other messages. */
  static final String RECORD = "record";

  static final String SPEC = "spec";

  /** A {@link Job} with what never changes and an index or count needs: see {@link #fixed}. */
  static final String FIXED = "fixed";

  /** What filters search in: see {@link SearchText}. Missing if it is not known. */
  static final String TEXT = "text";

  /** Adds the command that {@link #read} needs. */
  static void ask(RedisArguments to, RedisShard shard, JobKey key) {
    to.command("HMGET", shard.job(key), NUMBER, VERSION, RECORD, SPEC, FIXED);
  }

  /**
   * Parses what {@link #ask} returns; null if there is no such job.
   *
   * @param reply null if the job's key holds something else than a hash
   */
  static @Nullable RedisStoredJob read(JobKey key, @Nullable Object reply) {
    if (!(reply instanceof List<?> fields)) {
      return unreadable(key, 0, "", null);
    }
    if (fields.stream().allMatch(Objects::isNull)) {
      return null;
    }
    long number = number(fields.get(0));
    String version = fields.get(1) instanceof byte[] bytes ? RedisSnapshot.text(bytes) : "";
    JobRecord record =
        RedisCells.parse(RedisCells.record(key, number), fields.get(2), JobRecord.parser());
    JobSpec spec = RedisCells.parse(RedisCells.spec(key, number), fields.get(3), JobSpec.parser());
    if (number == 0
        || record == null
        || spec == null
        || spec.getType().isEmpty()
        || !key.equals(JobKey.of(record))) {
      Job fixed = RedisCells.parse(RedisCells.fixed(key, number), fields.get(4), Job.parser());
      boolean isNumbered = record != null || spec != null || fixed != null;
      return unreadable(key, isNumbered ? number : 0, version, fixed);
    }
    JobRecord.Builder whole = record.toBuilder();
    whole.getJobBuilder().setSpec(spec);
    return new RedisStoredJob(RecordUpgrade.current(whole.build()), number, version, true);
  }

  /** Whether the field that repeats what never changes is there, and damaged. */
  static boolean isFixedDamaged(JobKey key, @Nullable Object reply) {
    return reply instanceof List<?> fields
        && fields.get(4) instanceof byte[] fixed
        && !RedisCells.fixed(key, number(fields.get(0))).isSound(fixed);
  }

  /** Parses a job's number; 0 if it is damaged or missing. */
  static long number(@Nullable Object bytes) {
    try {
      return bytes instanceof byte[] digits
          ? Long.parseLong(new String(digits, StandardCharsets.US_ASCII))
          : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static RedisStoredJob unreadable(
      JobKey key, long number, String version, @Nullable Job fixed) {
    Job.Builder known = fixed == null ? Job.newBuilder() : fixed.toBuilder();
    known.setTenantId(key.tenantId()).setId(key.jobId());
    return new RedisStoredJob(JobRecord.newBuilder().setJob(known).build(), number, version, false);
  }

  /** What is known of the job, if it cannot be read; otherwise null. */
  @Nullable UnreadableJob unreadable() {
    return isReadable ? null : new UnreadableJob(record.getJob());
  }

  /** Returns a job that cannot be read as one that counts as failed. */
  RedisStoredJob markedFailed() {
    JobRecord.Builder known = record.toBuilder();
    known.getJobBuilder().getStatusBuilder().setState(JobState.JOB_STATE_FAILED);
    return new RedisStoredJob(known.build(), number, version, false);
  }

  /** Approximate memory use in bytes. */
  int weight() {
    return 3 * record.getSerializedSize() + 500;
  }

  static String version(long number, JobRecord record) {
    return number + "." + record.getRevision();
  }

  /** Encodes a job without its spec, which few changes touch. */
  static byte[] record(long number, JobRecord record) {
    JobRecord.Builder status = record.toBuilder();
    status.getJobBuilder().clearSpec();
    return RedisCells.record(JobKey.of(record), number).encode(status.build());
  }

  /** Encodes a job's spec. */
  static byte[] spec(long number, JobRecord record) {
    return RedisCells.spec(JobKey.of(record), number).encode(record.getJob().getSpec());
  }

  /**
   * Encodes what places a job in indexes and counts and never changes: should its record be
   * damaged, its owner is still known, and it can be removed completely.
   */
  static byte[] fixed(long number, JobRecord record) {
    Job job = record.getJob();
    Job.Builder fixed = Job.newBuilder().setUserId(job.getUserId()).setParentId(job.getParentId());
    fixed
        .getSpecBuilder()
        .setType(job.getSpec().getType())
        .setScope(job.getSpec().getScope())
        .setProjectId(job.getSpec().getProjectId());
    return RedisCells.fixed(JobKey.of(record), number).encode(fixed.build());
  }
}
