package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.DurableJobStoreContract;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.RedisCluster;
import dev.milepost.server.store.SettableClock;

class RedisClusterJobStoreTest extends DurableJobStoreContract {
  private final String url = RedisCluster.emptyStore();

  @Override
  protected JobStore open(SettableClock clock, int journalCap) {
    return RedisJobStore.open(
        url, clock, journalCap, RedisJobStoreTest.TEST_CLOCK, CommitObserver.NONE);
  }

  @Override
  public void damage(JobKey key, Damage damage) {
    RedisDamage.damage(url, 64, key, damage);
  }
}
