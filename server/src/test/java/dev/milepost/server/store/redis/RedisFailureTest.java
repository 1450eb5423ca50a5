package dev.milepost.server.store.redis;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.spec;
import static dev.milepost.server.store.StoreHarness.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.Findings;
import dev.milepost.server.store.RedisProcess;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Kind;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.StoreHealth;
import dev.milepost.server.store.StoreInfo;
import dev.milepost.server.store.StoreInfo.Durability;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Failures of Redis: nothing that was acknowledged is lost or applied twice. */
class RedisFailureTest {
  private final SettableClock clock = new SettableClock();

  private RedisJobStore open(String url) {
    return RedisJobStore.open(
        url, clock, StoreHarness.CAP, RedisJobStoreTest.TEST_CLOCK, CommitObserver.NONE);
  }

  private StoreHarness harness(String url) {
    return new StoreHarness(open(url), clock);
  }

  @Test
  void updatesDuringLostConnectionsAreAppliedOnce() throws IOException {
    try (RedisProcess redis = RedisProcess.start(Map.of())) {
      StoreHarness store = harness(redis.url());
      store.running("a");
      List<CompletionStage<JobRecord>> reports = new ArrayList<>();
      int cut = 0;
      for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 20; i++) {
          reports.add(store.reportLater("a", token("a", 1), report(0)));
        }
        cut += redis.cutConnections();
      }
      assertThat(cut).isPositive();
      StoreHarness.awaitAll(reports);

      JobRecord job = store.get("a").orElseThrow();
      assertThat(job.getRevision()).isEqualTo(2 + reports.size());
      assertThat(job.getJob().getStatus().getLogCounts().getInfo()).isEqualTo(reports.size());
      store.store().close();
    }
  }

  @Test
  void acknowledgedChangesSurviveACrash() throws IOException {
    try (RedisProcess redis = RedisProcess.start(Map.of())) {
      StoreHarness store = harness(redis.url());
      store.running("a");
      for (int round = 1; round <= 3; round++) {
        for (int i = 0; i < 20; i++) {
          await(store.reportLater("a", token("a", 1), report(0)));
        }
        redis.kill();
        CompletionStage<JobRecord> meanwhile = store.reportLater("a", token("a", 1), report(0));
        redis.start();
        await(meanwhile);

        JobRecord job = store.get("a").orElseThrow();
        assertThat(job.getJob().getStatus().getLogCounts().getInfo()).isEqualTo(21L * round);
      }
      store.store().close();
    }
  }

  @Test
  void deletedChangesAreReportedAsMissed() throws IOException {
    try (RedisProcess redis = RedisProcess.start(Map.of())) {
      StoreHarness one = harness(redis.url());
      StoreHarness two = harness(redis.url());
      AtomicInteger missed = new AtomicInteger();
      two.store()
          .subscribe(
              new ChangeListener() {
                @Override
                public void changed(List<Change> changes) {}

                @Override
                public void missed() {
                  missed.incrementAndGet();
                }
              });
      one.create("a");
      await().atMost(Duration.ofSeconds(20)).until(() -> isReceived(two, "a"));
      assertThat(missed).hasValue(0);

      assertThat(redis.send("INCRBY milepost:{0}:commits 5")).startsWith(":");

      await().atMost(Duration.ofSeconds(20)).until(() -> missed.get() > 0);
      one.store().close();
      two.store().close();
    }
  }

  @Test
  void damagedChangeIsReportedAsMissed() throws IOException {
    try (RedisProcess redis = RedisProcess.start(Map.of())) {
      StoreHarness store = harness(redis.url());
      store.create("a");
      AtomicInteger missed = new AtomicInteger();
      store
          .store()
          .subscribe(
              new ChangeListener() {
                @Override
                public void changed(List<Change> changes) {}

                @Override
                public void missed() {
                  missed.incrementAndGet();
                }
              });
      // A change by another server, whose previous state is damaged.
      long next = Long.parseLong(redis.send("GET milepost:{0}:commits")) + 1;
      redis.send("XADD milepost:{0}:changes " + next + "-0 server other \"acme a\" damaged");
      redis.send("INCR milepost:{0}:commits");

      await().atMost(Duration.ofSeconds(20)).until(() -> missed.get() > 0);
      store.store().close();
    }
  }

  private static boolean isReceived(StoreHarness store, String id) {
    return store.get(id).isPresent();
  }

  @Test
  void damagedCountFailsNoCommitAndNoOtherCount() throws IOException {
    try (RedisProcess redis = RedisProcess.start(Map.of())) {
      StoreHarness store = harness(redis.url());
      store.create("a");
      store.create("b", StoreHarness.spec().setType("other"));
      String totals = "\"milepost:{0}:totals:acme\" ";
      assertThat(redis.send("HSET " + totals + "\"1 2 sync\" x")).isEqualTo(":0");
      assertThat(redis.send("HSET " + totals + "nonsense 5")).isEqualTo(":1");

      store.create("c");
      store.create("d", StoreHarness.spec().setType("other"));

      assertThat(store.get("c")).isPresent();
      JobFilter other =
          JobFilter.newBuilder().setTenantId(StoreHarness.TENANT).addTypes("other").build();
      CountQuery query = new CountQuery(other, Set.of());
      assertThat(StoreHarness.await(store.store().count(query)).get(0).getCount()).isEqualTo(2);
      assertThat(Findings.of(progress -> RedisCheck.run(redis.url(), progress)))
          .contains("The counts of tenant acme are damaged.")
          .noneMatch(finding -> finding.contains("type other"));
      store.store().close();
    }
  }

  @Test
  void damagedJobFailsAlone() throws IOException {
    try (RedisProcess redis = RedisProcess.start(Map.of())) {
      StoreHarness one = harness(redis.url());
      StoreHarness two = harness(redis.url());
      one.running("good");
      one.running("bad");
      assertThat(redis.send("HSET \"milepost:{0}:job:acme bad\" record x")).isEqualTo(":0");
      List<Change> received = new CopyOnWriteArrayList<>();
      two.store()
          .subscribe(
              new ChangeListener() {
                @Override
                public void changed(List<Change> changes) {
                  received.addAll(changes);
                }

                @Override
                public void missed() {}
              });
      List<CompletionStage<JobRecord>> good = new ArrayList<>();
      List<CompletionStage<JobRecord>> bad = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        good.add(one.reportLater("good", token("good", 1), report(0)));
        bad.add(one.reportLater("bad", token("bad", 1), report(0)));
      }

      StoreHarness.awaitAll(good);
      for (CompletionStage<JobRecord> stage : bad) {
        assertThatThrownBy(() -> await(stage)).isInstanceOf(Refusal.JobNotFound.class);
      }
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> received.stream().flatMap(change -> change.entries().stream()).count() >= 50);
      one.store().close();
      two.store().close();
    }
  }

  @Test
  void evictingRedisIsRefused() {
    try (RedisProcess redis = RedisProcess.start(Map.of("maxmemory-policy", "allkeys-lru"))) {
      assertThatThrownBy(() -> open(redis.url()))
          .isInstanceOf(StoreException.class)
          .hasMessage(
              "Redis would evict jobs when it is out of memory: its maxmemory-policy is"
                  + " allkeys-lru. Set it to noeviction.");
    }
  }

  @Test
  void wrongPasswordIsReported() throws IOException {
    try (RedisProcess redis = RedisProcess.start(Map.of())) {
      assertThat(redis.send("CONFIG SET requirepass p@w")).isEqualTo("+OK");

      for (String login : List.of(":p%40w", "default:p%40w")) {
        open("redis://" + login + "@localhost:" + redis.port()).close();
      }
      for (String login : List.of("", ":wrong@", "default:wrong@", "nobody:p%40w@")) {
        assertThatThrownBy(() -> open("redis://" + login + "localhost:" + redis.port()))
            .isInstanceOf(StoreException.class)
            .hasMessage("Redis refused this user and password. Check the store's URL.");
      }
    }
  }

  @Test
  void unreachableRedisIsReported() {
    RedisProcess gone = RedisProcess.start(Map.of());
    gone.close();

    assertThatThrownBy(() -> open(gone.url()))
        .isInstanceOf(StoreException.class)
        .hasMessage("Redis cannot be reached. Check that it is running, then try again.");
  }

  @Test
  void durabilityIsReported() {
    assertThat(infoOf(Map.of())).isEqualTo(Durability.DURABLE);
    assertThat(infoOf(Map.of("appendonly", "yes", "appendfsync", "everysec")))
        .isEqualTo(Durability.CONFIGURED);
    assertThat(infoOf(Map.of("appendonly", "no"))).isEqualTo(Durability.CONFIGURED);
  }

  private Durability infoOf(Map<String, String> settings) {
    try (RedisProcess redis = RedisProcess.start(settings)) {
      RedisJobStore store = open(redis.url());
      StoreInfo info = store.info();
      store.close();
      assertThat(info.durabilityNote()).isNotEmpty();
      return info.durability();
    }
  }

  @Test
  void outOfMemoryChangesNothingAndIsReported() throws IOException {
    try (RedisProcess redis = RedisProcess.start(Map.of())) {
      StoreHarness store = harness(redis.url());
      JobRecord created = store.create("a");
      assertThat(redis.send("CONFIG SET maxmemory 1")).isEqualTo("+OK");

      assertNoRoom(store, "maxmemory");
      assertThat(store.get("a")).contains(created);

      assertThat(redis.send("CONFIG SET maxmemory 0")).isEqualTo("+OK");
      assertThat(store.get("b")).isEmpty();
      store.create("b");
      store.store().close();
    }
  }

  private static void assertNoRoom(StoreHarness store, String message) {
    assertThatThrownBy(() -> store.create("b"))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED);
              assertThat(e.kind()).isEqualTo(Kind.FULL);
            })
        .hasMessageContaining(message);
    StoreHealth health = store.store().health();
    assertThat(health.space().isUp()).isFalse();
    assertThat(health.space().reason()).contains(message);
    assertThat(health.engine().isUp()).isTrue();
  }

  /** As on a full disk, Redis cannot save a snapshot: the directory is gone. */
  @Test
  void failedSnapshotRefusesChangesAndLosesNothing() throws IOException {
    Path gone = Files.createTempDirectory("milepost-gone");
    try (RedisProcess redis = RedisProcess.start(Map.of("appendonly", "no"))) {
      StoreHarness store = harness(redis.url());
      JobRecord created = store.create("a");
      // Without a save point, Redis accepts changes all the same.
      assertThat(redis.send("CONFIG SET save \"3600 1000000\"")).isEqualTo("+OK");
      assertThat(redis.send("CONFIG SET dir " + gone)).isEqualTo("+OK");
      Files.delete(gone);
      saveInBackground(redis, "err");

      assertNoRoom(store, "cannot write to its disk");
      assertThat(store.get("a")).contains(created);

      Files.createDirectory(gone);
      assertThat(redis.send("CONFIG SET dir " + gone)).isEqualTo("+OK");
      saveInBackground(redis, "ok");
      assertThat(store.get("b")).isEmpty();
      store.create("b");
      assertThat(store.get("a")).contains(created);
      store.store().close();
    }
  }

  private static void saveInBackground(RedisProcess redis, String result) throws IOException {
    assertThat(redis.send("BGSAVE")).startsWith("+Background");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> redis.info("persistence").contains("rdb_last_bgsave_status:" + result));
  }

  @Test
  void missingReplicaMakesTheOutcomeUnknown() {
    try (RedisProcess redis = RedisProcess.start(Map.of())) {
      StoreHarness store = harness(redis.url() + "?replicas=1&replica_timeout_millis=50");

      assertThatThrownBy(() -> store.create("a"))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN))
          .hasMessageContaining("0 of 1 replicas");
      assertThat(store.get("a")).isPresent();
      store.store().close();
    }
  }

  @Test
  void replicaHasAcknowledgedChanges() throws IOException {
    try (RedisProcess redis = RedisProcess.start(Map.of());
        RedisProcess replica =
            RedisProcess.start(Map.of("replicaof", "127.0.0.1 " + redis.port()))) {
      await().atMost(Duration.ofSeconds(30)).until(() -> redis.send("WAIT 1 100").equals(":1"));
      StoreHarness store = harness(redis.url() + "?replicas=1&replica_timeout_millis=5000");
      for (int i = 0; i < 50; i++) {
        await(store.createLater(job("j" + i, spec()), List.of()));
        assertThat(replica.send("EXISTS \"milepost:{0}:job:acme j" + i + "\"")).isEqualTo(":1");
      }
      store.store().close();
    }
  }
}
