package dev.milepost.server.upkeep;

import dev.milepost.server.store.RedisProcess;
import dev.milepost.server.store.StoreProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class RedisJumpTest extends EngineJumpContract {
  private RedisProcess redis;
  private StoreProxy proxy;

  @BeforeEach
  void start() {
    redis = RedisProcess.start(Map.of());
    proxy = new StoreProxy(redis.port());
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    redis.close();
  }

  @Override
  protected String url() {
    return "redis://localhost:" + proxy.port();
  }

  @Override
  protected void jump(Duration by) {
    proxy.setRedisClock(by);
  }
}
