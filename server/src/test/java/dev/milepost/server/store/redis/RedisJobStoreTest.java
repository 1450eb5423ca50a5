package dev.milepost.server.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.DurableJobStoreContract;
import dev.milepost.server.store.Findings;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Redis;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.server.store.WithoutTerms;
import dev.milepost.v1.JobFilter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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

  @Test
  void jobsOfLayoutThreeAreFoundByTheirTexts() {
    WithoutTerms.fill(harness());
    harness().create("bad", StoreHarness.spec().setDisplayName("Bad"));
    harness().store().close();
    makeLayoutThree();
    damage().jobs(List.of(StoreHarness.key("bad")), StoreDamage.Damage.GARBAGE);

    reopen();

    await().untilAsserted(() -> WithoutTerms.assertIndexed(harness()));
    // It is not known what it contains, so each search names it.
    JobFilter any = JobFilter.newBuilder().setText("anything").build();
    JobPage page =
        StoreHarness.await(harness().store().list(new JobQuery(any, true, Optional.empty(), 10)));
    assertThat(page.jobs()).isEmpty();
    assertThat(page.unreadable())
        .extracting(UnreadableJob::key)
        .containsExactly(StoreHarness.key("bad"));
    harness().store().close();
    assertThat(Findings.of(progress -> RedisCheck.run(url, progress)))
        .containsExactly("Job bad of tenant acme: its record is damaged.");
  }

  /** Removes what layout 3 did not have. */
  private void makeLayoutThree() {
    new RedisDamage(url, 1)
        .run(
            StoreHarness.key("any"),
            (redis, shard) -> {
              String prefix = RedisUrl.of(url).prefix();
              new RedisKeys(redis, new RedisShards(prefix, 1), prefix)
                  .each(
                      (of, names) ->
                          names.stream()
                              .filter(name -> name.startsWith("job:"))
                              .forEach(
                                  name ->
                                      redis.await(
                                          redis.commands().hdel(of.base() + name, "text"))));
              String store = prefix + ":store";
              redis.await(redis.commands().hset(store, "layout", RedisArguments.bytes("3")));
              redis.await(redis.commands().hset(store, "indexed", RedisArguments.bytes("1")));
            });
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
