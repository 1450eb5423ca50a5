package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import dev.milepost.server.app.LiveStats;
import dev.milepost.server.app.StatsScope;
import dev.milepost.server.app.StatsSnapshot;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.grpc.EraseUserTest.Store;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.watch.ValueWatchHub;
import dev.milepost.server.watch.WatchObserver;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobNumbers;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStateCount;
import dev.milepost.v1.PeriodStats;
import dev.milepost.v1.QueuedType;
import dev.milepost.v1.WatchStatsRequest;
import dev.milepost.v1.WatchStatsResponse;
import dev.milepost.v1.Worker;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a watch of statistics sends, to whom, and what it costs. */
class WatchStatsTest {
  @TempDir Path directory;

  private static ResponseRecorder<WatchStatsResponse> watch(TestClient who, String tenant) {
    ResponseRecorder<WatchStatsResponse> watch = new ResponseRecorder<>();
    AdminServiceGrpc.newStub(who.channel())
        .watchStats(WatchStatsRequest.newBuilder().setTenantId(tenant).build(), watch);
    return watch;
  }

  /** Waits for a message of a kind, and returns the first one. */
  private static WatchStatsResponse awaitMessage(
      ResponseRecorder<WatchStatsResponse> watch, Predicate<WatchStatsResponse> which) {
    await().atMost(Duration.ofSeconds(20)).until(() -> watch.responses().stream().anyMatch(which));
    return watch.responses().stream().filter(which).findFirst().orElseThrow();
  }

  private static void awaitAll(
      List<ResponseRecorder<WatchStatsResponse>> watches, Predicate<WatchStatsResponse> which) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> watches.stream().allMatch(watch -> watch.responses().stream().anyMatch(which)));
  }

  private static boolean counts(WatchStatsResponse message, JobState state, long count) {
    return message.getJobs().getStateCountsList().stream()
        .anyMatch(one -> one.getState() == state && one.getCount() == count);
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void anOperatorSeesEverythingAndThenWhatChanges(Store store) {
    try (TestServer server =
        TestServer.inRealTime(Map.of("milepost.store", store.url(directory)))) {
      TestClient ann = server.client().in("USER,WORKER");
      ann.create("thumbnails");
      ann.create("thumbnails");
      ann.create("reports");
      HeldJob work =
          ann.works(
                  ann.worker()
                      .claimJobs(
                          ClaimJobsRequest.newBuilder()
                              .setWorkerId("w-7f")
                              .addTypes("thumbnails")
                              .setCapacity(8)
                              .build()))
              .get(0);
      ann.of("other").create("foreign");

      ResponseRecorder<WatchStatsResponse> watch = watch(ann.in("OPERATOR"), "");
      WatchStatsResponse first = awaitMessage(watch, WatchStatsResponse::getComplete);
      JobNumbers jobs = first.getJobs();
      assertThat(jobs.getStateCountsList())
          .extracting(JobStateCount::getState, JobStateCount::getCount)
          .containsExactly(
              tuple(JobState.JOB_STATE_QUEUED, 2L), tuple(JobState.JOB_STATE_RUNNING, 1L));
      assertThat(jobs.getQueuedTypesList())
          .extracting(QueuedType::getType, QueuedType::getQueuedCount, QueuedType::getWorkerCount)
          .containsExactly(tuple("reports", 1L, 0), tuple("thumbnails", 1L, 1));
      assertThat(jobs.hasOldestClaimableTime()).isTrue();
      assertThat(first.hasAttention()).isTrue();
      assertThat(first.getAttention().getFailedJobsList()).isEmpty();
      assertThat(first.getPeriodsList()).extracting(PeriodStats::getCreatedCount).containsOnly(3L);
      assertThat(first.getHistoryList()).isNotEmpty();
      assertThat(first.getWorkers().getWorkersList())
          .extracting(Worker::getWorkerId, Worker::getHeldJobCount, Worker::getCapacity)
          .containsExactly(tuple("w-7f", 1, 8));
      assertThat(first.hasLoad()).isFalse();

      work.fail("BROKEN", false);
      WatchStatsResponse failed =
          awaitMessage(watch, message -> message.getAttention().getFailedJobsCount() > 0);
      Job job = failed.getAttention().getFailedJobs(0);
      assertThat(job.getId()).isEqualTo(work.jobId());
      assertThat(job.getStatus().getError().getCode()).isEqualTo("BROKEN");
      assertThat(job.getStatus().getWorkerId()).isEqualTo("w-7f");
      WatchStatsResponse counted =
          awaitMessage(watch, message -> counts(message, JobState.JOB_STATE_FAILED, 1));
      assertThat(counted.getComplete()).isFalse();
      assertThat(
              awaitMessage(
                      watch,
                      one -> one.getHistoryList().stream().anyMatch(q -> q.hasRunDurations()))
                  .getHistoryCount())
          .isEqualTo(1);
    }
  }

  @Test
  void aUserSeesItsOwnJobsAlone() throws Exception {
    try (TestServer server = TestServer.start()) {
      TestClient ann = server.client().in("USER,WORKER");
      ann.create("a");
      ann.as("bob").create("b");

      ResponseRecorder<WatchStatsResponse> watch = watch(ann.in("USER"), "");
      WatchStatsResponse first = awaitMessage(watch, WatchStatsResponse::getComplete);
      assertThat(first.getJobs().getQueuedTypesList())
          .containsExactly(QueuedType.newBuilder().setType("a").setQueuedCount(1).build());
      assertThat(first.toBuilder().clearComplete().clearJobs().clearAttention().build())
          .isEqualTo(WatchStatsResponse.getDefaultInstance());

      ann.as("bob").create("b");
      ann.create("a");
      awaitMessage(watch, message -> counts(message, JobState.JOB_STATE_QUEUED, 2));
      assertThat(watch(ann.in("USER"), "other").awaitFailure().code())
          .isEqualTo(Code.PERMISSION_DENIED);
      assertThat(watch(ann.in("WORKER"), "").awaitFailure().code())
          .isEqualTo(Code.PERMISSION_DENIED);
    }
  }

  @Test
  void anAdminSeesAllTenantsAndWhatTheServerIsBusyWith() {
    try (TestServer server = TestServer.start()) {
      TestClient ann = server.client().in("USER,WORKER");
      ann.create("a");
      ann.of("other").create("a");

      WatchStatsResponse all =
          awaitMessage(watch(ann.in("ADMIN"), ""), WatchStatsResponse::getComplete);
      assertThat(counts(all, JobState.JOB_STATE_QUEUED, 2)).isTrue();
      assertThat(all.getLoad().getOpenWatches()).isEqualTo(1);
      WatchStatsResponse one =
          awaitMessage(watch(ann.in("ADMIN"), "other"), WatchStatsResponse::getComplete);
      assertThat(counts(one, JobState.JOB_STATE_QUEUED, 1)).isTrue();
    }
  }

  @Test
  void aStalledJobNeedsAttentionUntilItReports() {
    try (TestServer server = TestServer.start(Map.of("milepost.jobs.stall-after", "10s"))) {
      TestClient ann = server.client().in("USER,WORKER");
      HeldJob work = ann.start(JobSpec.newBuilder().setType("a"));
      ResponseRecorder<WatchStatsResponse> watch = watch(ann.in("OPERATOR"), "");
      awaitMessage(watch, WatchStatsResponse::getComplete);
      server.clock().advance(Duration.ofSeconds(11));

      awaitMessage(watch, message -> message.getAttention().getStalledJobsCount() == 1);
      work.complete();
      awaitMessage(
          watch,
          message ->
              message.hasAttention()
                  && !message.getComplete()
                  && message.getAttention().getStalledJobsCount() == 0);
    }
  }

  /** Counts the computations of all watches. */
  private static final class Counting extends AbstractModule {
    final AtomicInteger reads = new AtomicInteger();

    @Provides
    @Singleton
    ValueWatchHub<StatsScope, StatsSnapshot> hub(JobStore store, LiveStats stats, TimeSource time) {
      return new ValueWatchHub<>(
          "counting",
          store,
          new ValueWatchHub.Source<>() {
            @Override
            public CompletionStage<StatsSnapshot> read(
                StatsScope scope, @Nullable StatsSnapshot before) {
              reads.incrementAndGet();
              return stats.read(scope, before);
            }

            @Override
            public List<StatsScope> concerned(Change change) {
              return stats.concerned(change);
            }
          },
          Duration.ofMinutes(1),
          time,
          WatchObserver.NONE);
    }
  }

  @Test
  void aThousandOverviewsCostOneComputation() {
    Counting counting = new Counting();
    try (TestServer server =
        TestServer.start(
            Map.of("milepost.limits.user-streams", 1_100), new SettableClock(), counting)) {
      TestClient ann = server.client().in("USER,WORKER");
      List<ResponseRecorder<WatchStatsResponse>> watches = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        watches.add(watch(ann.in("OPERATOR"), ""));
      }
      awaitAll(watches, WatchStatsResponse::getComplete);
      int first = counting.reads.get();
      ann.create("a");
      awaitAll(watches, message -> counts(message, JobState.JOB_STATE_QUEUED, 1));

      assertThat(first).isBetween(1, 20);
      assertThat(counting.reads.get() - first).isBetween(1, 20);
    }
  }
}
