package dev.milepost.server.store.redis;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.GroupBytesContract;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Redis;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreHarness;
import java.time.Duration;

class RedisGroupTest extends GroupBytesContract {
  @Override
  protected JobStore open(SettableClock clock, CommitObserver observer) {
    RedisOptions options =
        new RedisOptions(
            256,
            GROUP_BYTES,
            20_000,
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            false);
    return RedisJobStore.open(Redis.emptyStore(), clock, StoreHarness.CAP, options, observer);
  }
}
