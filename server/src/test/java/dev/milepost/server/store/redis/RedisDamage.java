package dev.milepost.server.store.redis;

import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Listeners;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.engine.StoreMonitor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Damages what is in Redis.
 *
 * @param shards number of shards of the store
 */
public record RedisDamage(String url, int shards) implements StoreDamage {
  private static final byte[] GARBAGE = {-1, -1, -1};

  @Override
  public void jobs(List<JobKey> keys, Damage damage) {
    for (JobKey key : keys.subList(0, Math.min(1, keys.size()))) {
      run(
          key,
          (redis, shard) -> {
            RedisArguments args = new RedisArguments();
            for (JobKey one : keys) {
              switch (damage) {
                case GARBAGE ->
                    args.command("HSET", shard.job(one), RedisStoredJob.RECORD, GARBAGE);
                case EMPTY -> args.command("HSET", shard.job(one), RedisStoredJob.RECORD, "");
                case SPEC -> args.command("HSET", shard.job(one), RedisStoredJob.SPEC, GARBAGE);
              }
            }
            redis.await(redis.read(shard, args));
          });
    }
  }

  @Override
  public void journal(JobKey key) {
    run(
        key,
        (redis, shard) -> {
          RedisArguments read =
              new RedisArguments().command("XRANGE", shard.journal(key), "-", "+");
          List<String> runs = new ArrayList<>();
          for (Object run : (List<?>) redis.await(redis.read(shard, read)).get(0)) {
            runs.add(RedisStreamEntry.id(run));
          }
          // An entry of a stream cannot be changed.
          RedisArguments args = new RedisArguments().command("DEL", shard.journal(key));
          runs.forEach(id -> args.command("XADD", shard.journal(key), id, "run", GARBAGE));
          redis.await(redis.read(shard, args));
        });
  }

  @Override
  public void item(JobKey key, String itemId) {
    run(
        key,
        (redis, shard) ->
            redis.await(
                redis.read(
                    shard,
                    new RedisArguments().command("HSET", shard.items(key), itemId, GARBAGE))));
  }

  /** Uses the shard of a job's tenant. */
  void run(JobKey key, BiConsumer<Redis, RedisShard> step) {
    RedisUrl parsed = RedisUrl.of(url);
    RedisShard shard = new RedisShards(parsed.prefix(), shards).of(key.tenantId());
    Redis redis =
        Redis.open(
            parsed, Duration.ofSeconds(10), new StoreMonitor(TimeSource.system(), new Listeners()));
    try {
      step.accept(redis, shard);
    } finally {
      redis.close();
    }
  }
}
