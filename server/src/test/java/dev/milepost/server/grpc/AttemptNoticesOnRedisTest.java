package dev.milepost.server.grpc;

import dev.milepost.server.store.RedisProcess;
import java.util.Map;

class AttemptNoticesOnRedisTest extends AttemptNoticesContract {
  private final RedisProcess redis = RedisProcess.start(Map.of());

  @Override
  protected void closeStore() {
    redis.close();
  }

  @Override
  protected String url() {
    return redis.url();
  }
}
