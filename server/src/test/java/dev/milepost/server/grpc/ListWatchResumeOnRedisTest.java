package dev.milepost.server.grpc;

import dev.milepost.server.store.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.Map;

class ListWatchResumeOnRedisTest extends ListWatchResumeContract {
  private final RedisProcess redis = RedisProcess.start(Map.of());

  @Override
  protected void closeStore() {
    redis.close();
  }

  @Override
  protected String url() {
    return redis.url();
  }

  @Override
  protected void forgetChanges() {
    RedisClient client = RedisClient.create(redis.url());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      connection.sync().del("milepost:{0}:changes");
    } finally {
      client.shutdown();
    }
  }
}
