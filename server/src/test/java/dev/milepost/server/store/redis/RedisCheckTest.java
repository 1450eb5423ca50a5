package dev.milepost.server.store.redis;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Findings;
import dev.milepost.server.store.JobsByKey;
import dev.milepost.server.store.RecordKind;
import dev.milepost.server.store.RecordWrite;
import dev.milepost.server.store.Redis;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreCheck;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.WithoutChecksums;
import dev.milepost.server.store.open.StoreChecks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A check of a Redis store finds what is damaged, and changes nothing. */
class RedisCheckTest {
  private final SettableClock clock = new SettableClock();
  private String url;
  private StoreHarness store;

  /** The URL of an empty store. */
  String emptyStore() {
    return Redis.emptyStore();
  }

  int shards() {
    return 1;
  }

  @BeforeEach
  void fill() {
    url = emptyStore();
    store =
        new StoreHarness(
            RedisJobStore.open(
                url, clock, StoreHarness.CAP, RedisJobStoreTest.TEST_CLOCK, CommitObserver.NONE),
            clock);
    WithoutChecksums.fill(store);
    RecordWrite write =
        RecordWrite.of(
            RecordKind.WORKERS, Map.of("w", ByteString.copyFromUtf8("x")), Duration.ofDays(1));
    await(store.store().records().write(write));
  }

  @AfterEach
  void close() {
    store.store().close();
  }

  private List<String> findings() {
    return Findings.of(progress -> StoreChecks.run(url, progress));
  }

  /** Runs a command on the shard of the jobs; {@code %} stands for the prefix of its keys. */
  private void run(Object... command) {
    new RedisDamage(url, shards())
        .run(
            key("any"),
            (redis, shard) -> {
              Object[] words = command.clone();
              words[1] = ((String) words[1]).replace("%", shard.base());
              redis.await(redis.read(shard, new RedisArguments().command(words)));
            });
  }

  private byte[] value(JobKey job, String field) {
    List<byte[]> value = new ArrayList<>();
    new RedisDamage(url, shards())
        .run(
            job,
            (redis, shard) -> value.add(redis.await(redis.commands().hget(shard.job(job), field))));
    return value.get(0);
  }

  @Test
  void aSoundStoreIsReadAndNotChanged() {
    StoreCheck check = StoreChecks.run(url, Findings.ignored());

    assertThat(findings()).isEmpty();
    assertThat(check.jobs()).isEqualTo(4);
    assertThat(check.items()).isEqualTo(2);
    assertThat(check.requests()).isEqualTo(1);
    assertThat(check.runs()).isPositive();
    store.create("later");
    assertThat(StoreChecks.run(url, Findings.ignored()).jobs()).isEqualTo(5);
  }

  @Test
  void whatServersChangeMeanwhileIsNoFinding() {
    StoreHarness.numbered("old", 0, 300).forEach(store::create);
    AtomicBoolean ends = new AtomicBoolean();
    CompletableFuture<Void> working =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; !ends.get(); i++) {
                String id = "busy" + i;
                store.running(id);
                await(store.reportLater(id, token(id, 1), StoreHarness.report(1)));
                store.apply(id, new JobCommand.Cancel("ann", "", null));
                store.apply("old" + i % 300, new JobCommand.Cancel("ann", "", null));
                store.apply("old" + i % 300, new JobCommand.Delete(""));
                store.create("old" + i % 300);
              }
            });

    for (int i = 0; i < 5; i++) {
      assertThat(findings()).isEmpty();
    }

    ends.set(true);
    await(working);
    assertThat(findings()).isEmpty();
  }

  @Test
  void damagedValuesAreNamed() {
    RedisDamage damage = new RedisDamage(url, shards());
    damage.jobs(List.of(key("long")), StoreDamage.Damage.GARBAGE);
    damage.journal(key("a"));
    damage.item(key("items"), "x");
    damage.run(
        key("a"),
        (redis, shard) -> {
          String prefix = RedisUrl.of(url).prefix();
          new RedisKeys(redis, new RedisShards(prefix, shards()), prefix)
              .each(
                  (of, names) ->
                      names.stream()
                          .filter(name -> name.startsWith("once:"))
                          .forEach(
                              name ->
                                  redis.await(
                                      redis
                                          .commands()
                                          .set(of.base() + name, new byte[] {1, 2, 3, 4, 5}))));
          RedisShard first = new RedisShards(prefix, shards()).all().get(0);
          redis.await(
              redis.commands().hset(shard.job(key("a")), "text", RedisArguments.bytes("other")));
          String records = first.records("workers");
          redis.await(redis.commands().hset(records, "w", new byte[20]));
        });

    assertThat(findings())
        .contains(
            "Job long of tenant acme: its record is damaged.",
            "Job a of tenant acme: its search text is not that of its record.",
            "Item x of job items of tenant acme is damaged.",
            "The record w of the servers' workers is damaged.",
            "A remembered request is damaged.")
        .anyMatch(finding -> finding.matches("The journal entries up to \\d+ of job a of .*"));
  }

  @Test
  void damagedIndexesAreFoundInBothDirections() {
    run("ZREM", "%user:acme ann", "a");
    run("ZADD", "%state:acme 1", 5, "a");
    run("ZADD", "%wake", 5, "acme none");
    run("ZADD", "%all", 5, "acme gone");
    run("SREM", "%lanes:acme", "sync 2");
    run("ZREM", "%item-ids:acme items", "y");
    run("HINCRBY", "%totals:acme", "1 2 sync", 3);
    run("DEL", "%job:acme once");

    assertThat(findings())
        .contains(
            "Job a of tenant acme is not where it belongs in the index user:acme ann.",
            "The index state:acme 1 has job a of tenant acme, which does not belong there.",
            "The index wake has job none of tenant acme, which does not exist.",
            "Job gone of tenant acme is in the index of all jobs, and does not exist.",
            "Job long of tenant acme: its lane is missing in the set of its tenant's lanes.",
            "Item y of job items of tenant acme is missing in the index of its items.",
            "Job items of tenant acme has 2 items, and 1 are in the index of its items.",
            "Job once of tenant acme does not exist, but has a journal.")
        .anyMatch(finding -> finding.startsWith("The counts of tenant acme, state 1 are of"))
        .anyMatch(finding -> finding.startsWith("The count of tenant acme, type sync"));
  }

  @Test
  void countsOfUsersAreComparedWithTheirJobs() {
    run("HINCRBY", "%counts:acme ann", "1 2 sync ", 1);
    assertThat(findings())
        .contains("The counts of user ann of tenant acme are of 5 jobs, and its index has 4.");
    run("HSET", "%counts:acme ann", "1 2 sync ", "x");
    assertThat(findings()).contains("The counts of user ann of tenant acme are damaged.");
    run("DEL", "%counts:acme ann");
    assertThat(findings()).contains("The jobs of the index user:acme ann are not counted.");
  }

  /** A sound value in another place is as wrong as a damaged one. */
  @Test
  void swappedValuesAreFound() {
    byte[] one = value(key("a"), RedisStoredJob.RECORD);
    byte[] other = value(key("long"), RedisStoredJob.RECORD);
    run("HSET", "%job:acme a", RedisStoredJob.RECORD, other);
    run("HSET", "%job:acme long", RedisStoredJob.RECORD, one);
    run("HSET", "%job:acme once", RedisStoredJob.SPEC, value(key("items"), RedisStoredJob.SPEC));
    run("HSET", "%job:acme once", RedisStoredJob.FIXED, value(key("items"), RedisStoredJob.FIXED));

    assertThat(findings())
        .containsExactlyInAnyOrder(
            "Job a of tenant acme: its record is damaged.",
            "Job long of tenant acme: its record is damaged.",
            "Job once of tenant acme: its record is damaged.",
            "Job once of tenant acme: the copy of what never changes is damaged.");
    JobsByKey read =
        await(store.store().get(List.of(key("a"), key("long"), key("once"), key("items"))));
    assertThat(StoreHarness.ids(read.jobs())).containsExactly("items");
    assertThat(read.unreadable()).hasSize(3);
  }

  @Test
  void aStoreOfAnotherVersionAndNoStoreAreRefused() {
    store.store().close();
    LayoutTwo.make(url, shards());
    assertThatThrownBy(this::findings)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("an earlier version of Milepost has written");
    String none = emptyStore();
    assertThatThrownBy(() -> StoreChecks.run(none, Findings.ignored()))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("There are no jobs of Milepost in Redis ");
    assertThatThrownBy(() -> StoreChecks.run("redis://localhost:1", Findings.ignored()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot be reached");
  }

  @Test
  void keysOfOtherStoresAreNotRead() {
    run("SET", "other%job:acme a", "x");
    assertThat(findings()).isEmpty();

    run("SET", "%strange", "x");
    assertThat(findings()).singleElement().asString().endsWith(":strange is none of this version.");
  }
}
