package dev.milepost.server.store.redis;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.DurableJobStoreContract;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.RedisCluster;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreDamage;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class RedisClusterJobStoreTest extends DurableJobStoreContract {
  private final String url = RedisCluster.emptyStore();

  @Override
  protected JobStore open(SettableClock clock, int journalCap) {
    return RedisJobStore.open(
        url, clock, journalCap, RedisJobStoreTest.TEST_CLOCK, CommitObserver.NONE);
  }

  @Override
  public StoreDamage damage() {
    return new RedisDamage(url, 64);
  }
}
