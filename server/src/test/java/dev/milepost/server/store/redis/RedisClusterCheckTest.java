package dev.milepost.server.store.redis;

import dev.milepost.server.store.RedisCluster;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class RedisClusterCheckTest extends RedisCheckTest {
  @Override
  String emptyStore() {
    return RedisCluster.emptyStore();
  }

  @Override
  int shards() {
    return 64;
  }
}
