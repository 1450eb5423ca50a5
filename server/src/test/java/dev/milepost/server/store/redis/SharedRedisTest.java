package dev.milepost.server.store.redis;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Redis;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.SharedStoreContract;

class SharedRedisTest extends SharedStoreContract {
  private final String url = Redis.emptyStore();

  @Override
  protected JobStore open(SettableClock clock, int journalCap) {
    return RedisJobStore.open(
        url, clock, journalCap, RedisJobStoreTest.TEST_CLOCK, CommitObserver.NONE);
  }
}
