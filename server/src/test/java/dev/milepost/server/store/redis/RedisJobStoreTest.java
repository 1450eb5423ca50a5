package dev.milepost.server.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.DurableJobStoreContract;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Redis;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.WithoutTerms;
import dev.milepost.v1.JobFilter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

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

  @Test
  void jobsOfLayoutOneAreIndexedWhenTheStoreIsOpened() {
    WithoutTerms.fill(harness());
    harness().store().close();
    LayoutTwo.make(url, 1);
    makeLayoutOne();

    reopen();

    await().untilAsserted(() -> WithoutTerms.assertIndexed(harness()));
    harness().create("new", StoreHarness.spec().putLabels("k", "new"));
    JobFilter labelled =
        JobFilter.newBuilder().setTenantId(StoreHarness.TENANT).putLabels("k", "new").build();
    assertThat(StoreHarness.ids(harness().list(labelled, true, 10))).containsExactly("new");
    reopen();
    WithoutTerms.assertIndexed(harness());
  }

  /** Removes what layout 1, unlike layout 2, did not have. */
  private void makeLayoutOne() {
    new RedisDamage(url, 1)
        .run(
            StoreHarness.key("any"),
            (redis, shard) -> {
              RedisArguments keys =
                  new RedisArguments()
                      .command("KEYS", shard.base() + "term:*")
                      .command("KEYS", shard.base() + "ids:*");
              RedisArguments delete = new RedisArguments();
              for (Object found : redis.await(redis.read(shard, keys))) {
                ((List<?>) found).forEach(key -> delete.command("DEL", key));
              }
              String store = RedisUrl.of(url).prefix() + ":store";
              redis.await(redis.read(shard, delete));
              redis.await(redis.commands().hset(store, "layout", RedisArguments.bytes("1")));
              redis.await(redis.commands().hdel(store, "indexed"));
            });
  }
}
