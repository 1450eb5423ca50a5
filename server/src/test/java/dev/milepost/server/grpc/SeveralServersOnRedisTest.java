package dev.milepost.server.grpc;

import dev.milepost.server.store.RedisProcess;
import java.io.IOException;
import java.util.Map;

class SeveralServersOnRedisTest extends SeveralServersContract {
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
  protected int cutConnections() throws IOException {
    return redis.cutConnections();
  }
}
