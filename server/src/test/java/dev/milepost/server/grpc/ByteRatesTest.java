package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.RetryInfo;
import dev.milepost.server.app.ServiceObserver;
import dev.milepost.server.app.TokenBuckets;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.SettableClock;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How much one user and one tenant may send and receive per second. */
class ByteRatesTest {
  private static final int KIB = 1024;

  /** Two seconds of a mebibyte each. */
  private static final int BURST = 2 * KIB * KIB;

  private static TestServer with(String limit) {
    return TestServer.start(Map.of("milepost.limits." + limit, "1M"));
  }

  private static Job createLarge(TestClient client) {
    Struct large =
        Struct.newBuilder()
            .putFields("x", Value.newBuilder().setStringValue("x".repeat(60 * KIB)).build())
            .build();
    return client.create(JobSpec.newBuilder().setType("large").setParams(large));
  }

  /** Creates jobs until one is refused; returns the refusal. */
  private static Failure exceed(TestClient client) {
    for (int sent = 0; sent <= BURST; sent += 2 * 60 * KIB) {
      createLarge(client);
    }
    return Failure.of(() -> createLarge(client));
  }

  private static void requireLimit(Failure refused, String setting, String subject) {
    assertThat(refused.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(refused.info().getMetadataMap())
        .containsEntry("limit", "milepost.limits." + setting)
        .containsEntry("subject", subject);
    assertThat(refused.message())
        .contains("milepost.limits." + setting)
        .contains("administrator of this server can raise the limit");
  }

  private static Duration retry(Failure failure) {
    return Times.duration(failure.detail(RetryInfo.class).orElseThrow().getRetryDelay());
  }

  @Test
  void callsOfAUserBeyondTheRateAreRefusedAndKeepingWorkAliveIsNot() {
    try (TestServer server = with("user-bytes-per-second")) {
      TestClient ann = server.client();
      HeldJob work = ann.start("work");
      Failure refused = exceed(ann);
      requireLimit(refused, "user-bytes-per-second", "user:ann");
      assertThat(retry(refused)).isPositive();
      // Reads count, too.
      requireLimit(
          Failure.of(() -> ann.jobs().listJobs(ListJobsRequest.getDefaultInstance())),
          "user-bytes-per-second",
          "user:ann");
      assertThat(work.heartbeat().getLeaseExpireTime().getSeconds()).isPositive();
      assertThat(work.complete().getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      createLarge(ann.as("bob"));
      createLarge(ann.of("elsewhere"));
      server.clock().advance(retry(refused).plusMillis(100));
      createLarge(ann);
    }
  }

  @Test
  void responsesCount() {
    try (TestServer server = with("user-bytes-per-second")) {
      TestClient ann = server.client();
      for (int i = 0; i < 10; i++) {
        createLarge(ann.as("bob").in("ADMIN,USER"));
      }
      ListJobsRequest all = ListJobsRequest.getDefaultInstance();
      TestClient admin = ann.as("carol").in("ADMIN");
      for (int received = 0; received <= BURST; received += 10 * 60 * KIB) {
        assertThat(admin.jobs().listJobs(all).getJobsCount()).isEqualTo(10);
      }
      requireLimit(
          Failure.of(() -> admin.jobs().listJobs(all)), "user-bytes-per-second", "user:carol");
    }
  }

  @Test
  void theUsersOfATenantShareItsRate() {
    try (TestServer server = with("tenant-bytes-per-second")) {
      TestClient ann = server.client();
      exceed(ann);
      requireLimit(
          Failure.of(() -> ann.as("bob").create("a")), "tenant-bytes-per-second", "tenant:default");
      createLarge(ann.of("elsewhere"));
    }
  }

  @Test
  void aStreamBeyondTheRateIsReadMoreSlowlyAndLosesNothing() {
    SettableClock clock = new SettableClock();
    List<String> slowed = new CopyOnWriteArrayList<>();
    int reports = 24;
    try (TestServer server =
        TestServer.start(
            Map.of("milepost.limits.user-bytes-per-second", "1M"),
            clock,
            binder -> binder.bind(ServiceObserver.class).toInstance(new Slowed(slowed)))) {
      HeldJob work = server.client().start("work");
      Acknowledgements acks = new Acknowledgements();
      StreamObserver<ReportStreamRequest> stream = work.client().workerAsync().reportStream(acks);
      for (int seq = 1; seq <= reports; seq++) {
        Report.Builder report = Report.newBuilder().setReportSeq(seq);
        for (int line = 0; line < 20; line++) {
          report.addLogs(HeldJob.info("x".repeat(8 * KIB)));
        }
        stream.onNext(
            ReportStreamRequest.newBuilder()
                .setJobId(work.jobId())
                .setAttemptToken(work.token())
                .setReport(report)
                .build());
      }
      await().until(() -> !slowed.isEmpty());
      // The clock stands still: what was saved up, and what had been requested before it was used.
      assertThat(acks.received).hasSizeLessThan(reports);
      assertThat(slowed).containsOnly("user-bytes-per-second");
      assertThat(Failure.of(() -> work.client().create("a")).code())
          .isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(work.heartbeat().getCommittedSeq()).isPositive();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                clock.advance(Duration.ofSeconds(1));
                return acks.received.size() == reports;
              });
      assertThat(acks.received).allMatch(ReportStreamResponse::hasAck);
      assertThat(acks.failure).isNull();
      stream.onCompleted();
    }
  }

  @Test
  void aBucketThatOwesIsKeptUntilTimeHasPaidAndThenRemoved() {
    TokenBuckets buckets = new TokenBuckets(100, Duration.ofSeconds(1));
    Instant now = Instant.parse("2026-03-01T12:00:00Z");
    buckets.charge("ann", 100, now);
    assertThat(buckets.owed("ann", now)).isZero();
    buckets.charge("ann", 1_000, now);
    assertThat(buckets.owed("ann", now)).isEqualTo(Duration.ofSeconds(10));
    assertThat(buckets.owed("bob", now)).isZero();
    for (int i = 0; i < 1_000; i++) {
      buckets.charge("user-" + i, 1, now);
    }
    assertThat(buckets.size()).isEqualTo(1_001);
    buckets.charge("bob", 1, now.plusSeconds(9));
    assertThat(buckets.size()).isEqualTo(2);
    assertThat(buckets.owed("ann", now.plusSeconds(9))).isEqualTo(Duration.ofSeconds(1));
    // A clock that was set back costs no time that has passed.
    Instant before = now.minusSeconds(3_600);
    assertThat(buckets.owed("ann", before)).isEqualTo(Duration.ofSeconds(1));
    assertThat(buckets.owed("ann", before.plusSeconds(1))).isZero();
    buckets.charge("carol", 1, now.plusSeconds(60));
    assertThat(buckets.size()).isEqualTo(1);
  }

  @Test
  void zeroMeansNoLimit() {
    TokenBuckets buckets = new TokenBuckets(0, Duration.ofSeconds(1));
    Instant now = Instant.parse("2026-03-01T12:00:00Z");
    buckets.charge("ann", Long.MAX_VALUE, now);
    assertThat(buckets.owed("ann", now)).isZero();
    assertThat(buckets.size()).isZero();
  }

  private static final class Acknowledgements implements StreamObserver<ReportStreamResponse> {
    private final List<ReportStreamResponse> received = new CopyOnWriteArrayList<>();
    private volatile @Nullable Throwable failure;

    @Override
    public void onNext(ReportStreamResponse ack) {
      received.add(ack);
    }

    @Override
    public void onError(Throwable reason) {
      failure = reason;
    }

    @Override
    public void onCompleted() {}
  }

  private record Slowed(List<String> limits) implements ServiceObserver {
    @Override
    public void claimed(int jobs) {}

    @Override
    public void acknowledged(long nanos) {}

    @Override
    public void refused(String limit) {}

    @Override
    public void slowed(String limit) {
      limits.add(limit);
    }
  }
}
