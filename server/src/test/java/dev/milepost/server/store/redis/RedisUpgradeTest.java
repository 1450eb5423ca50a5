package dev.milepost.server.store.redis;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Findings;
import dev.milepost.server.store.RecordKind;
import dev.milepost.server.store.RecordWrite;
import dev.milepost.server.store.Redis;
import dev.milepost.server.store.RedisProcess;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.WithoutChecksums;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A store of layout 2 gets checksums, whatever interrupts that. */
class RedisUpgradeTest {
  private final SettableClock clock = new SettableClock();

  private RedisJobStore open(String url) {
    return RedisJobStore.open(
        url, clock, StoreHarness.CAP, RedisJobStoreTest.TEST_CLOCK, CommitObserver.NONE);
  }

  /** Creates something of everything, and more jobs than one step upgrades. */
  List<Object> fill(String url, int more) {
    StoreHarness harness = new StoreHarness(open(url), clock);
    WithoutChecksums.fill(harness);
    RecordWrite write =
        RecordWrite.of(
            RecordKind.WORKERS, Map.of("w", ByteString.copyFromUtf8("x")), Duration.ofDays(1));
    await(harness.store().records().write(write));
    IntStream.range(0, more)
        .mapToObj(
            i -> harness.createLater(StoreHarness.job("m" + i, StoreHarness.spec()), List.of()))
        .toList()
        .forEach(StoreHarness::await);
    List<Object> content = content(harness);
    harness.store().close();
    return content;
  }

  private static List<Object> content(StoreHarness harness) {
    List<Object> content = new ArrayList<>(WithoutChecksums.content(harness));
    content.add(await(harness.store().records().list(RecordKind.WORKERS, "")));
    return content;
  }

  void assertUpgraded(String url, int shards, List<Object> content) {
    StoreHarness harness = new StoreHarness(open(url), clock);
    assertThat(content(harness)).isEqualTo(content);
    WithoutChecksums.assertKept(harness, content.subList(0, content.size() - 1));
    harness.store().close();
    assertThat(Findings.of(progress -> RedisCheck.run(url, progress))).isEmpty();
    assertThat(names(url, shards, "journal:", "items:", "request:", "records:")).isEmpty();
    assertThat(names(url, shards, "runs:", "item:", "once:", "server-records:")).isNotEmpty();
  }

  /** Returns the keys with one of these names. */
  private static List<String> names(String url, String... starts) {
    return names(url, 1, starts);
  }

  static List<String> names(String url, int shards, String... starts) {
    List<String> found = new ArrayList<>();
    new RedisDamage(url, shards)
        .run(
            key("any"),
            (redis, shard) -> {
              String prefix = RedisUrl.of(url).prefix();
              new RedisKeys(redis, new RedisShards(prefix, shards), prefix)
                  .each(
                      (of, names) ->
                          names.stream()
                              .filter(name -> List.of(starts).stream().anyMatch(name::startsWith))
                              .forEach(found::add));
            });
    return found;
  }

  @Test
  void everyValueOfLayoutTwoGetsAChecksum() {
    String url = Redis.emptyStore();
    List<Object> content = fill(url, 0);
    LayoutTwo.make(url, 1);
    assertThat(names(url, "journal:")).hasSize(4);
    assertThat(names(url, "runs:")).isEmpty();

    assertUpgraded(url, 1, content);
  }

  @Test
  void serversThatUpgradeAtOnceDoNotDisturbEachOther() {
    String url = Redis.emptyStore();
    List<Object> content = fill(url, 2_000);
    LayoutTwo.make(url, 1);

    List<CompletableFuture<RedisJobStore>> opened =
        IntStream.range(0, 3)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          RedisJobStore store = open(url);
                          // It works while the others may still be at it.
                          StoreHarness harness = new StoreHarness(store, clock);
                          harness.create("new" + i);
                          harness.running("more" + i);
                          return store;
                        }))
            .toList();

    opened.forEach(store -> await(store).close());
    StoreHarness harness = new StoreHarness(open(url), clock);
    for (int i = 0; i < 3; i++) {
      assertThat(harness.get("new" + i)).isPresent();
      assertThat(harness.journal("more" + i)).hasSize(2);
      harness.apply("new" + i, new JobCommand.Delete(""));
    }
    assertThat(harness.journal("a")).isEqualTo(content.get(1));
    harness.store().close();
    assertThat(names(url, "journal:", "items:", "request:", "records:")).isEmpty();
  }

  @Test
  void anUpgradeThatWasInterruptedGoesOn() throws IOException {
    try (RedisProcess redis = RedisProcess.start(Map.of())) {
      List<Object> content = fill(redis.url(), 0);
      LayoutTwo.make(redis.url(), 1);
      // Ends the upgrade when it comes to a journal.
      redis.send(
          "ACL SETUSER half on nopass +@all &*"
              + " ~*}: ~*job:* ~*request:* ~*once:* ~*changes ~*store");

      String half = redis.url().replace("redis://", "redis://half:x@");
      assertThatThrownBy(() -> open(half)).isInstanceOf(StoreException.class);
      assertThat(names(redis.url(), "once:", "journal:"))
          .anyMatch(name -> name.startsWith("once:"))
          .anyMatch(name -> name.startsWith("journal:"));

      assertUpgraded(redis.url(), 1, content);
    }
  }

  @Test
  @Tag("slow")
  void nothingIsLostIfRedisIsKilledMeanwhile() throws IOException {
    try (RedisProcess redis = RedisProcess.start(Map.of())) {
      List<Object> content = fill(redis.url(), 3_000);
      LayoutTwo.make(redis.url(), 1);
      for (int kills = 0; kills < 5; kills++) {
        int until = ThreadLocalRandom.current().nextInt(600);
        CompletableFuture<Void> opened =
            CompletableFuture.runAsync(() -> open(redis.url()).close());
        int before = names(redis.url(), "runs:").size();
        while (!opened.isDone() && names(redis.url(), "runs:").size() < before + until) {
          Thread.onSpinWait();
        }
        redis.kill();
        assertThat(opened.handle((done, failure) -> true)).succeedsWithin(Duration.ofSeconds(60));
        redis.start();
      }

      assertUpgraded(redis.url(), 1, content);
    }
  }

  @Test
  void aStoreThatAServerOfAnEarlierVersionUsesIsLeftAlone() {
    String url = Redis.emptyStore();
    List<Object> content = fill(url, 0);
    LayoutTwo.make(url, 1);
    new RedisDamage(url, 1)
        .run(
            key("any"),
            (redis, shard) -> {
              try (var listening = redis.listen()) {
                listening.sync().subscribe(RedisUrl.of(url).prefix() + ":changed");
                assertThatThrownBy(() -> open(url))
                    .isInstanceOf(StoreException.class)
                    .hasMessageStartingWith("A server of an earlier version uses this Redis.");
              }
            });
    assertThat(names(url, "runs:")).isEmpty();

    assertUpgraded(url, 1, content);
  }

  @Test
  void aStoreThatAServerWithoutTextsUsesIsLeftAlone() {
    String url = Redis.emptyStore();
    fill(url, 0);
    setLayout(url, "3");
    new RedisDamage(url, 1)
        .run(
            key("any"),
            (redis, shard) -> {
              try (var listening = redis.listen()) {
                listening.sync().subscribe(RedisUrl.of(url).prefix() + ":changed:3");
                assertThatThrownBy(() -> open(url))
                    .isInstanceOf(StoreException.class)
                    .hasMessageStartingWith("A server of an earlier version uses this Redis.");
              }
            });

    open(url).close();
  }

  /** An earlier server refuses what is not its own layout in the same way. */
  @Test
  void aStoreOfALaterVersionIsLeftAlone() {
    String url = Redis.emptyStore();
    fill(url, 0);
    setLayout(url, "5");

    assertThatThrownBy(() -> open(url))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("jobs in layout 5, but this server supports layout 4");
  }

  private static void setLayout(String url, String layout) {
    new RedisDamage(url, 1)
        .run(
            key("any"),
            (redis, shard) ->
                redis.await(
                    redis
                        .commands()
                        .hset(
                            RedisUrl.of(url).prefix() + ":store",
                            "layout",
                            RedisArguments.bytes(layout))));
  }
}
