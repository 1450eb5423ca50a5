package dev.milepost.server.store.redis;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.job.JobKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Indexes the jobs that earlier layouts have written by their ids and terms, and sets the texts in
 * which filters search, beside everything else: each step is a short script. Until it is done,
 * lists do not use these. Several servers may do this at once. Thread-safe.
 */
final class RedisTermFill {
  private static final Logger LOG = LoggerFactory.getLogger(RedisTermFill.class);

  /** Field of the store that says by what all jobs are indexed. */
  static final String INDEXED = "indexed";

  /** Ids, terms and texts; layouts 2 and 3 had 1: ids and terms. */
  static final String ALL = "2";

  /** Jobs of one step. */
  private static final int STEP = 100;

  private final Redis redis;
  private final RedisShards shards;
  private final String store;
  private final BooleanSupplier isClosed;
  private volatile boolean done;

  /** Jobs in the order of creation, and the number of the last one. */
  private record Slice(List<JobKey> keys, long through, boolean isLast) {}

  /**
   * The indexes of a store.
   *
   * @param store key of the hash that describes the store
   * @param isClosed whether to give up
   */
  RedisTermFill(Redis redis, RedisShards shards, String store, BooleanSupplier isClosed) {
    this.redis = redis;
    this.shards = shards;
    this.store = store;
    this.isClosed = isClosed;
  }

  /** Marks a store that has no jobs yet. Blocks. */
  static void markNew(Redis redis, String store) {
    redis.await(redis.commands().hset(store, INDEXED, RedisArguments.bytes(ALL)));
  }

  /** Whether all jobs are indexed. */
  boolean isDone() {
    return done;
  }

  /** Starts to index the jobs, unless they all are. Blocks only to ask whether they are. */
  void start(RedisJobReader jobs) {
    byte[] indexed = redis.await(redis.commands().hget(store, INDEXED));
    if (indexed != null && ALL.equals(RedisSnapshot.text(indexed))) {
      done = true;
      return;
    }
    ThreadFactories.daemon("milepost-store-index").newThread(() -> run(jobs)).start();
  }

  private void run(RedisJobReader jobs) {
    LOG.info("Indexing the jobs of an earlier version by id, label, display name, end and text.");
    try {
      for (RedisShard shard : shards.all()) {
        if (!fill(shard, jobs)) {
          return;
        }
      }
      markNew(redis, store);
      done = true;
      LOG.info("All jobs are indexed.");
    } catch (RuntimeException e) {
      if (!isClosed.getAsBoolean()) {
        LOG.warn(
            "The jobs of an earlier version are not all indexed. Lists by label, name, id, end and"
                + " text go through more jobs until the next start, which tries it again.",
            e);
      }
    }
  }

  /** Indexes the jobs of a shard in the order of creation; returns false if the store is closed. */
  private boolean fill(RedisShard shard, RedisJobReader jobs) {
    long from = 0;
    while (!isClosed.getAsBoolean()) {
      Slice slice = next(shard, from);
      List<JobKey> keys = slice.keys();
      int read = 0;
      while (read < keys.size()) {
        Map<JobKey, Optional<RedisStoredJob>> found =
            redis.await(jobs.fetch(keys.subList(read, keys.size()), ""));
        RedisArguments args = new RedisArguments();
        for (Optional<RedisStoredJob> job : found.values()) {
          if (job.isPresent() && job.get().isReadable()) {
            RedisIndexes.fill(args, shard, job.get());
          }
        }
        if (!args.isEmpty()) {
          redis.await(redis.number(RedisScript.INDEX, new String[] {shard.base()}, args));
        }
        read += found.size();
      }
      if (slice.isLast()) {
        return true;
      }
      // Several jobs may have the same number: some of the last one's may follow.
      from = Math.max(from + 1, slice.through());
    }
    return false;
  }

  /** The next jobs from a number on. */
  private Slice next(RedisShard shard, long from) {
    RedisArguments args =
        new RedisArguments()
            .command("ZRANGEBYSCORE", shard.all(), from, "+inf", "WITHSCORES", "LIMIT", 0, STEP);
    List<?> found = (List<?>) redis.await(redis.read(shard, args)).get(0);
    List<JobKey> keys = new ArrayList<>();
    long through = from;
    for (int i = 0; i < found.size(); i += 2) {
      JobKey key = RedisShard.keyIfValid(RedisSnapshot.text(found.get(i)));
      if (key != null) {
        keys.add(key);
      }
      through = RedisListSources.score(found.get(i + 1));
    }
    return new Slice(keys, through, found.size() < 2 * STEP);
  }
}
