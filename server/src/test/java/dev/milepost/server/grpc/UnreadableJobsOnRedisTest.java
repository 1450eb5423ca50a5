package dev.milepost.server.grpc;

import dev.milepost.server.store.Redis;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.redis.RedisDamage;

class UnreadableJobsOnRedisTest extends UnreadableJobsContract {
  private final String url = Redis.emptyStore();

  @Override
  protected String url() {
    return url;
  }

  @Override
  protected StoreDamage damage() {
    return new RedisDamage(url, 1);
  }
}
