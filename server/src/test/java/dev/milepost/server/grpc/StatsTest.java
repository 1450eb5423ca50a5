package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import dev.milepost.server.grpc.EraseUserTest.Store;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.GetServerInfoRequest;
import dev.milepost.v1.GetServerInfoResponse;
import dev.milepost.v1.GetStatsRequest;
import dev.milepost.v1.GetStatsResponse;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStateCount;
import dev.milepost.v1.PeriodStats;
import dev.milepost.v1.ServerLimit;
import dev.milepost.v1.StoreDurability;
import dev.milepost.v1.TenantStats;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a server says of itself and of what it has done, on all stores. */
class StatsTest {
  @TempDir Path directory;

  private static GetStatsResponse stats(TestClient caller, String tenant) {
    return AdminServiceGrpc.newBlockingStub(caller.channel())
        .getStats(GetStatsRequest.newBuilder().setTenantId(tenant).build());
  }

  private static String text(PeriodStats period) {
    return "%d %d %d %d %d"
        .formatted(
            period.getCreatedCount(),
            period.getClaimedCount(),
            period.getSucceededCount(),
            period.getFailedCount(),
            period.getCancelledCount());
  }

  /** Returns how many jobs were created, claimed, and ended by outcome in the last hour. */
  static String lastHour(TestClient caller) {
    return text(stats(caller.in("OPERATOR"), "").getPeriods(1));
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void whatHappenedIsCountedAcrossRestarts(Store store) {
    Map<String, Object> settings = Map.of("milepost.store", store.url(directory));
    try (TestServer server = TestServer.inRealTime(settings)) {
      TestClient ann = server.client().in("USER,WORKER");
      ann.create("a");
      ann.create("a");
      ann.create("a");
      ann.claim().complete();
      ann.claim();
      ann.of("other").create("b");

      GetStatsResponse stats = stats(ann.in("OPERATOR"), "");

      assertThat(stats.getPeriodsList())
          .extracting(period -> period.getLength().getSeconds())
          .containsExactly(60L, 3_600L, 86_400L);
      assertThat(stats.getPeriodsList()).extracting(StatsTest::text).containsOnly("3 2 1 0 0");
      assertThat(stats.getJobCountsList())
          .extracting(JobStateCount::getState, JobStateCount::getCount)
          .containsExactly(
              tuple(JobState.JOB_STATE_QUEUED, 1L),
              tuple(JobState.JOB_STATE_RUNNING, 1L),
              tuple(JobState.JOB_STATE_SUCCEEDED, 1L));
      assertThat(stats.getOldestClaimableAge().getSeconds()).isBetween(0L, 60L);
      assertThat(stats.getKnownWorkers()).isPositive();
      assertThat(stats.hasLoad()).isFalse();
      assertThat(stats.getTenantsList()).isEmpty();
      GetStatsResponse all = stats(ann.in("ADMIN"), "");
      assertThat(text(all.getPeriods(2))).isEqualTo("4 2 1 0 0");
      assertThat(all.getTenantsList())
          .extracting(TenantStats::getTenantId)
          .containsExactly("default", "other");
      assertThat(all.getLoad().getOpenCalls()).isEqualTo(1);
    }
    if (store == Store.MEMORY) {
      return;
    }
    try (TestServer server = TestServer.inRealTime(settings)) {
      TestClient ann = server.client().in("USER,WORKER");
      ann.create("a");

      assertThat(lastHour(ann)).isEqualTo("4 2 1 0 0");
      assertThat(
              stats(ann.in("OPERATOR"), "").getHistoryList().stream()
                  .mapToLong(PeriodStats::getCreatedCount)
                  .sum())
          .isEqualTo(4);
      assertThat(text(stats(ann.in("ADMIN"), "").getPeriods(2))).isEqualTo("5 2 1 0 0");
      ann.awaitClaim().complete();
      PeriodStats day = stats(ann.in("OPERATOR"), "").getPeriods(2);
      assertThat(day.getRunDurations().getCount()).isEqualTo(2);
      assertThat(day.getQueueDurations().getCount()).isEqualTo(3);
    }
  }

  @Test
  void historyHasTheQuartersInWhichSomethingHappened() {
    try (TestServer server = TestServer.start()) {
      TestClient ann = server.client().in("USER,WORKER");
      Instant first = quarter(server.clock().instant());
      ann.create("a");
      server.clock().advance(Duration.ofMinutes(45));
      ann.create("a");
      ann.create("a");

      assertThat(stats(ann.in("OPERATOR"), "").getHistoryList())
          .extracting(
              period -> Instant.ofEpochSecond(period.getStartTime().getSeconds()),
              period -> period.getLength().getSeconds(),
              StatsTest::text)
          .containsExactly(
              tuple(first, 900L, "1 0 0 0 0"),
              tuple(first.plus(Duration.ofMinutes(45)), 900L, "2 0 0 0 0"));

      server.clock().advance(Duration.ofDays(1));
      assertThat(stats(ann.in("OPERATOR"), "").getHistoryList()).isEmpty();
    }
  }

  @Test
  void durationsAreThoseOfLastAttemptsAndOfWaits() {
    try (TestServer server = TestServer.start()) {
      TestClient ann = server.client().in("USER,WORKER");
      for (int second = 1; second <= 20; second++) {
        ann.create("a");
        server.clock().advance(Duration.ofSeconds(2));
        HeldJob job = ann.claim();
        server.clock().advance(Duration.ofSeconds(second));
        if (second % 2 == 0) {
          job.complete();
        } else {
          job.fail("X", false);
        }
      }
      GetStatsResponse stats = stats(ann.in("OPERATOR"), "");
      PeriodStats day = stats.getPeriods(2);

      assertThat(day.getRunDurations().getCount()).isEqualTo(20);
      assertClose(day.getRunDurations().getMedian(), 10);
      assertClose(day.getRunDurations().getP95(), 19);
      assertThat(day.getQueueDurations().getCount()).isEqualTo(20);
      assertClose(day.getQueueDurations().getMedian(), 2);
      assertThat(stats.getPeriods(0).hasRunDurations()).isFalse();
      assertThat(
              stats.getHistoryList().stream()
                  .mapToLong(one -> one.getRunDurations().getCount())
                  .sum())
          .isEqualTo(20);
    }
  }

  /** Durations are counted in buckets. */
  private static void assertClose(com.google.protobuf.Duration duration, double seconds) {
    assertThat(duration.getSeconds() + duration.getNanos() / 1e9)
        .isCloseTo(seconds, withPercentage(10));
  }

  private static Instant quarter(Instant time) {
    return Instant.ofEpochSecond(time.getEpochSecond() / 900 * 900);
  }

  @Test
  void openWatchesAreCounted() {
    try (TestServer server = TestServer.start()) {
      TestClient ann = server.client();
      JobWatchRecorder watch = ann.watch(ann.create("a").getId()).awaitMessages(1);

      assertThat(stats(ann.in("ADMIN"), "").getLoad().getOpenWatches()).isEqualTo(1);
      assertThat(stats(ann.in("ADMIN"), "").getLoad().getOpenCalls()).isEqualTo(2);

      watch.cancel();
      await()
          .untilAsserted(
              () -> assertThat(stats(ann.in("ADMIN"), "").getLoad().getOpenWatches()).isZero());
    }
  }

  @Test
  void theServerDescribesItself() {
    try (TestServer server = TestServer.start(Map.of("milepost.limits.user-streams", 77))) {
      server.clock().advance(Duration.ofMinutes(3));

      GetServerInfoResponse info =
          AdminServiceGrpc.newBlockingStub(server.client().in("OPERATOR").channel())
              .getServerInfo(GetServerInfoRequest.getDefaultInstance());
      assertThat(info.getServiceConfig()).contains("methodConfig", "ListWorkers");

      assertThat(info.getVersion()).isNotEmpty();
      assertThat(info.getServer()).as("the port that it took").endsWith(":" + server.port());
      assertThat(info.getJavaVersion()).startsWith(Runtime.version().feature() + ".");
      assertThat(info.getStore().getKind()).isEqualTo("memory");
      assertThat(info.getStore().getDurability()).isEqualTo(StoreDurability.STORE_DURABILITY_NONE);
      assertThat(info.getStore().getDurabilityNote()).isNotEmpty();
      assertThat(info.getStore().getAvailable()).isTrue();
      assertThat(info.getUptime().getSeconds()).isGreaterThanOrEqualTo(180);
      assertThat(info.getLimitsList())
          .contains(
              ServerLimit.newBuilder().setName("milepost.limits.user-streams").setValue(77).build())
          .allSatisfy(
              limit ->
                  assertThat(
                          ConfigFactory.parseResources("reference.conf").hasPath(limit.getName()))
                      .as(limit.getName())
                      .isTrue());
    }
  }
}
