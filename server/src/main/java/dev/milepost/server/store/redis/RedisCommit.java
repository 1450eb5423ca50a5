package dev.milepost.server.store.redis;

import dev.milepost.server.store.Change;
import dev.milepost.storage.v1.JobRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a group of decisions came to.
 *
 * @param checks what must still be so: of each a key, a field, and what stands there
 * @param count number of checks
 * @param commands what to do then
 * @param changes what that does to jobs
 */
record RedisCommit(RedisWords checks, int count, RedisWords commands, List<Change> changes) {
  /** Of the last commits of a shard at least so many are remembered, unless they are old. */
  private static final int REMEMBERED = 20_000;

  /** Whether there is nothing to do. */
  boolean isEmpty() {
    return commands.isEmpty();
  }

  /**
   * The words of the script.
   *
   * @param serial of this commit among those of this server
   */
  RedisWords words(long serial, String serverId, RedisShard shard, String channel) {
    RedisWords told = new RedisWords().words("server", serverId);
    for (Change change : changes) {
      told.words(RedisShard.member(change.key()), before(change));
    }
    return new RedisWords()
        .words(serial, channel, shard.number() + " " + serverId, REMEMBERED, told.size())
        .all(told)
        .words(count)
        .all(checks)
        .all(commands);
  }

  /**
   * The job as it was, for other servers' listeners. Where it still is, they need nothing of it
   * that can be large.
   */
  private static byte[] before(Change change) {
    JobRecord before = change.before();
    if (before == null) {
      return new byte[0];
    }
    return (change.after() == null ? before : withoutBulk(before)).toByteArray();
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

  /** A job as it was, as another server wrote it; null: it is new. */
  static @Nullable JobRecord before(byte[] told) {
    return told.length == 0 ? null : RedisStoredJob.message(told, JobRecord.parser(), "a change");
  }
}
