package dev.milepost.server.store.redis;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.DurableJobStoreContract;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Redis;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreDamage;
import java.time.Duration;

class RedisJobStoreTest extends DurableJobStoreContract {
  static final RedisOptions TEST_CLOCK =
      new RedisOptions(
          256,
          64 << 20,
          20_000,
          Duration.ofSeconds(10),
          Duration.ofSeconds(1),
          Duration.ofMinutes(1),
          false);

  private final String url = Redis.emptyStore();

  @Override
  protected JobStore open(SettableClock clock, int journalCap) {
    return RedisJobStore.open(url, clock, journalCap, TEST_CLOCK, CommitObserver.NONE);
  }

  @Override
  public StoreDamage damage() {
    return new RedisDamage(url, 1);
  }
}
