package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JournalCap;
import dev.milepost.server.store.Change;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.LogCounts;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees runs of journals of which the cap keeps nothing, a few at a time, beside the writers. The
 * position to check is random: freed runs leave a gap before the oldest of the runs that expire
 * next, and the wider the gap, the more likely it is hit.
 */
final class RedisJournalReclaimer {
  private static final Logger LOG = LoggerFactory.getLogger(RedisJournalReclaimer.class);

  /** New entries of a journal between two checks. */
  private static final int ENTRIES = 8;

  /** Runs that one check reads: more than can have been added since the previous one. */
  private static final int RUNS = 3 * ENTRIES;

  private final Redis redis;
  private final int cap;

  RedisJournalReclaimer(Redis redis, int cap) {
    this.redis = redis;
    this.cap = cap;
  }

  /** Checks the journals that have grown. Does not block. */
  void check(RedisShard shard, List<Change> changes) {
    for (Change change : changes) {
      JobRecord after = change.after();
      if (after != null && !change.entries().isEmpty()) {
        JobStatus status = after.getJob().getStatus();
        long first = change.entries().get(0).getSequence();
        boolean isDue = first / ENTRIES != (status.getJournalSequence() + 1) / ENTRIES;
        if (isDue && status.getLogCounts().getDropped() > 0) {
          check(shard, change.key(), status.getJournalSequence());
        }
      }
    }
  }

  private void check(RedisShard shard, JobKey key, long sequence) {
    long from = ThreadLocalRandom.current().nextLong(sequence) + 1;
    RedisArguments args = new RedisArguments();
    RedisStoredJob.ask(args, shard, key);
    args.command("XRANGE", shard.journal(key), from + "-0", "+", "COUNT", RUNS);
    var unused =
        redis
            .read(shard, args)
            .thenCompose(replies -> free(shard, key, replies))
            .whenComplete(
                (freed, failure) -> {
                  if (failure != null) {
                    // A later check will free these runs.
                    LOG.debug("Could not check a journal.", failure);
                  }
                });
  }

  private CompletionStage<Long> free(RedisShard shard, JobKey key, List<Object> replies) {
    RedisStoredJob job = RedisStoredJob.read(key, replies.get(0));
    RedisArguments dropped = new RedisArguments();
    if (job != null && job.isReadable()) {
      LogCounts counts = job.record().getJob().getStatus().getLogCounts();
      dropped.add(job.number());
      for (Object run : (List<?>) replies.get(1)) {
        JournalChunk chunk = RedisStreamEntry.chunk(key, run);
        if (chunk != null && JournalCap.kept(chunk, counts, cap).isEmpty()) {
          dropped.add(RedisStreamEntry.id(run));
        }
      }
    }
    if (dropped.size() < 2) {
      return CompletableFuture.completedStage(0L);
    }
    String[] keys = {shard.job(key), shard.journal(key)};
    return redis.number(RedisScript.RECLAIM, keys, dropped);
  }
}
