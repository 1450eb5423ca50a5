package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.RecordUpgrade;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.engine.CheckedCell;
import dev.milepost.storage.v1.JobRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of a group of updates, as arguments of the commit script.
 *
 * @param checks what must not have changed: a key, a field and its value for each check
 * @param count number of checks
 * @param commands commands to run then
 * @param changes the resulting changes to jobs
 */
record RedisCommit(
    RedisArguments checks, int count, RedisArguments commands, List<Change> changes) {
  /** Number of commits that a shard's stream keeps at least, unless they are old. */
  private static final int REMEMBERED = 20_000;

  /** Whether there is nothing to write. */
  boolean isEmpty() {
    return commands.isEmpty();
  }

  /**
   * Returns the arguments of the script.
   *
   * @param serial number of this commit among those of this server
   */
  RedisArguments arguments(long serial, String serverId, RedisShard shard, String channel) {
    RedisArguments published = new RedisArguments().add("server", serverId);
    for (Change change : changes) {
      published.add(RedisShard.member(change.key()), before(change));
    }
    return new RedisArguments()
        .add(serial, channel, shard.number() + " " + serverId, REMEMBERED, published.size())
        .all(published)
        .add(count)
        .all(checks)
        .all(commands);
  }

  /**
   * Encodes the previous state of a job for other servers' listeners. If the job still exists, they
   * need nothing of it that can be large.
   */
  private static byte[] before(Change change) {
    JobRecord before = change.before();
    if (before == null) {
      return new byte[0];
    }
    return CheckedCell.before(change.key())
        .encode(change.after() == null ? before : withoutBulk(before));
  }

  private static JobRecord withoutBulk(JobRecord record) {
    JobRecord.Builder slim = record.toBuilder().clearParentRecord();
    slim.getJobBuilder().getSpecBuilder().clearParams().clearMetadata();
    slim.getJobBuilder()
        .getStatusBuilder()
        .clearAttempts()
        .clearError()
        .clearCheckpoint()
        .clearResult()
        .clearOutcome();
    return slim.build();
  }

  /** Whether a previous state, as another server wrote it, is damaged. */
  static boolean isDamaged(JobKey key, byte[] published) {
    return published.length > 0 && !CheckedCell.before(key).isSound(published);
  }

  /**
   * Decodes the previous state of a job, as another server wrote it; null if the job is new, or was
   * damaged.
   */
  static @Nullable JobRecord before(JobKey key, byte[] published) {
    JobRecord before = CheckedCell.before(key).parse(published, JobRecord.parser());
    return before == null ? null : RecordUpgrade.current(before);
  }
}
