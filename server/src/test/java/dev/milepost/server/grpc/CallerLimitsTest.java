package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import dev.milepost.server.app.TokenBuckets;
import dev.milepost.server.job.Times;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.WatchJobRequest;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** Limits of one user and one tenant, and that they do not affect others. */
class CallerLimitsTest {
  private static TestServer with(Object... settings) {
    Map<String, Object> map = new java.util.HashMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      map.put("milepost.limits." + settings[i], settings[i + 1]);
    }
    return TestServer.start(map);
  }

  private static Failure refused(Callable<?> call, String limit, String subject) {
    Failure failure = Failure.of(call);
    assertThat(failure.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(failure.reason()).isEqualTo("LIMIT_EXCEEDED");
    assertThat(failure.info().getMetadataMap())
        .containsEntry("limit", "milepost.limits." + limit)
        .containsEntry("subject", subject);
    QuotaFailure.Violation violation =
        failure.detail(QuotaFailure.class).orElseThrow().getViolations(0);
    assertThat(violation.getSubject()).isEqualTo(subject);
    assertThat(violation.getDescription()).isEqualTo("milepost.limits." + limit);
    assertThat(retry(failure)).isPositive();
    return failure;
  }

  private static Duration retry(Failure failure) {
    return Times.duration(failure.detail(RetryInfo.class).orElseThrow().getRetryDelay());
  }

  private static int list(TestClient who) {
    return who.jobs().listJobs(ListJobsRequest.getDefaultInstance()).getJobsCount();
  }

  @Test
  void theRateLimitOfAUserAffectsNoOtherUser() {
    try (TestServer server = with("user-requests-per-second", 5)) {
      TestClient ann = server.client();
      for (int i = 0; i < 10; i++) {
        list(ann);
      }
      Failure failure = refused(() -> list(ann), "user-requests-per-second", "user:ann");
      assertThat(retry(failure)).isEqualTo(Duration.ofMillis(200));
      list(ann.as("bob"));
      list(ann.of("elsewhere"));
      server.clock().advance(retry(failure));
      list(ann);
      refused(() -> list(ann), "user-requests-per-second", "user:ann");
      // Streams count as calls too; health checks count for no user.
      assertThat(ann.watch("any").awaitFailure().code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      HealthGrpc.newBlockingStub(ann.channel()).check(HealthCheckRequest.getDefaultInstance());
    }
  }

  @Test
  void theUsersOfATenantShareItsRate() {
    try (TestServer server = with("tenant-requests-per-second", 2)) {
      TestClient ann = server.client();
      for (int i = 0; i < 4; i++) {
        list(ann.as("user-" + i));
      }
      refused(() -> list(ann), "tenant-requests-per-second", "tenant:default");
      list(ann.of("elsewhere"));
    }
  }

  @Test
  void bucketsOfIdleUsersAreRemoved() {
    TokenBuckets buckets = new TokenBuckets(1, Duration.ofSeconds(10));
    Instant now = Instant.parse("2026-03-01T12:00:00Z");
    for (int i = 0; i < 1000; i++) {
      assertThat(buckets.take("user-" + i, now)).isZero();
    }
    assertThat(buckets.size()).isEqualTo(1000);
    assertThat(buckets.take("late", now.plusSeconds(11))).isZero();
    assertThat(buckets.size()).isEqualTo(1);
  }

  @Test
  void aClockSetBackLocksNoUserOut() {
    TokenBuckets buckets = new TokenBuckets(1, Duration.ofSeconds(1));
    Instant now = Instant.parse("2026-03-01T12:00:00Z");
    assertThat(buckets.take("ann", now)).isZero();
    Instant before = now.minusSeconds(3600);
    assertThat(buckets.take("ann", before)).isEqualTo(Duration.ofSeconds(1));
    assertThat(buckets.take("ann", before.plusSeconds(1))).isZero();
  }

  @Test
  void streamsOfAUserAreLimitedAndReleasedAtTheirEnd() {
    try (TestServer server = with("user-streams", 2)) {
      TestClient ann = server.client();
      Job job = ann.create("a");
      List<JobWatchRecorder> open = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        JobWatchRecorder watch = ann.watch(job.getId());
        watch.awaitMessages(1);
        open.add(watch);
      }
      refused(
          () ->
              ann.jobs()
                  .watchJob(WatchJobRequest.newBuilder().setJobId(job.getId()).build())
                  .next(),
          "user-streams",
          "user:ann");
      assertThat(ann.as("bob").watch(job.getId()).awaitFailure().code()).isEqualTo(Code.NOT_FOUND);
      open.get(0).cancel();
      await()
          .ignoreExceptions()
          .untilAsserted(
              () ->
                  assertThat(
                          ann.jobs()
                              .watchJob(WatchJobRequest.newBuilder().setJobId(job.getId()).build())
                              .next()
                              .hasJob())
                      .isTrue());
    }
  }

  @Test
  void theJobsOfATenantAreLimited() {
    try (TestServer server = with("tenant-jobs", 3)) {
      TestClient ann = server.client();
      CreateJobRequest first =
          CreateJobRequest.newBuilder()
              .setRequestId("r1")
              .setSpec(JobSpec.newBuilder().setType("a"))
              .build();
      Job job = ann.jobs().createJob(first).getJob();
      ann.create("a");
      ann.as("bob").create("a");
      refused(() -> ann.create("a"), "tenant-jobs", "tenant:default");
      // A repeated request is answered, and other tenants are not affected.
      assertThat(ann.jobs().createJob(first).getJob().getId()).isEqualTo(job.getId());
      ann.of("elsewhere").create("a");
      // Jobs are accepted again as soon as one has gone.
      ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(job.getId()).build());
      ann.create("a");
      refused(() -> ann.create("a"), "tenant-jobs", "tenant:default");
      server.clock().advance(Duration.ofMinutes(1));
      refused(() -> ann.create("a"), "tenant-jobs", "tenant:default");
    }
  }

  @Test
  void anOversizedLogDropsLinesVisiblyAndTheJobContinues() {
    try (TestServer server = with("job-log-bytes", "1K")) {
      TestClient ann = server.client();
      HeldJob work = ann.start("a");
      for (int i = 0; i < 5; i++) {
        work.log(LogLevel.LOG_LEVEL_INFO, i + "x".repeat(400));
      }
      work.log(LogLevel.LOG_LEVEL_INFO, "small");
      work.log(LogLevel.LOG_LEVEL_ERROR, "It broke.");
      work.fail("X", true);
      List<LogEntry> lines =
          ann.journal(work.jobId()).stream()
              .filter(JournalEntry::hasLog)
              .map(JournalEntry::getLog)
              .toList();
      assertThat(lines)
          .extracting(LogEntry::getLevel)
          .containsExactly(
              LogLevel.LOG_LEVEL_INFO,
              LogLevel.LOG_LEVEL_INFO,
              LogLevel.LOG_LEVEL_WARNING,
              LogLevel.LOG_LEVEL_ERROR);
      assertThat(lines.get(2).getMessage()).contains("1024 bytes");
      var counts = ann.get(work.jobId()).getStatus().getLogCounts();
      assertThat(counts.getUnwritten()).isEqualTo(4);
      assertThat(counts.getInfo()).isEqualTo(2);
      assertThat(counts.getDropped()).isZero();
      // Other jobs have their own logs.
      HeldJob other = ann.start("b");
      other.log(LogLevel.LOG_LEVEL_INFO, "small");
      assertThat(ann.get(other.jobId()).getStatus().getLogCounts().getInfo()).isEqualTo(1);
    }
  }

  @Test
  void zeroMeansNoLimit() {
    try (TestServer server =
        with(
            "user-requests-per-second", 0,
            "tenant-requests-per-second", 0,
            "user-streams", 0,
            "tenant-jobs", 0,
            "user-jobs", 0,
            "tenant-stored-bytes", 0,
            "user-stored-bytes", 0,
            "store-changes", 0)) {
      TestClient ann = server.client();
      Job job = ann.create("a");
      ann.watch(job.getId()).awaitMessages(1);
      for (int i = 0; i < 100; i++) {
        ann.get(job.getId());
      }
    }
  }
}
