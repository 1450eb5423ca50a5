package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.UnreadableContract.Damage;
import java.time.Duration;

/** Damages records in Redis. */
final class RedisDamage {
  private RedisDamage() {}

  static void damage(String url, int shards, JobKey key, Damage damage) {
    RedisUrl parsed = RedisUrl.of(url);
    RedisShard shard = new RedisShards(parsed.prefix(), shards).of(key.tenantId());
    Redis redis = Redis.open(parsed, Duration.ofSeconds(10));
    try {
      RedisArguments args = new RedisArguments();
      switch (damage) {
        case GARBAGE ->
            args.command("HSET", shard.job(key), RedisStoredJob.STATUS, new byte[] {-1});
        case EMPTY -> args.command("HSET", shard.job(key), RedisStoredJob.STATUS, "");
        case SPEC -> args.command("HSET", shard.job(key), RedisStoredJob.SPEC, new byte[] {-1});
      }
      redis.await(redis.read(shard, args));
    } finally {
      redis.close();
    }
  }
}
