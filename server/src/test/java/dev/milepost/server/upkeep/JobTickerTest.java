package dev.milepost.server.upkeep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.grpc.Failure;
import dev.milepost.server.grpc.HeldJob;
import dev.milepost.server.grpc.TestClient;
import dev.milepost.server.grpc.TestServer;
import dev.milepost.server.store.SettableClock;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.RetryBackoff;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to jobs as time passes. */
class JobTickerTest {
  @TempDir Path directory;

  private final TestServer server = TestServer.start();
  private final TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  private void pass(long seconds) {
    server.clock().advance(Duration.ofSeconds(seconds));
  }

  private Job awaitState(String id, JobState state) {
    await().atMost(Duration.ofSeconds(10)).until(() -> ann.get(id).getStatus().getState() == state);
    return ann.get(id);
  }

  private static JobSpec.Builder timed(JobTimeouts.Builder timeouts) {
    return JobSpec.newBuilder().setType("a").setTimeouts(timeouts);
  }

  @Test
  void theJobOfASilentWorkerGoesToTheNext() {
    HeldJob lost = ann.start("a");
    pass(31);
    Job queued = awaitState(lost.jobId(), JobState.JOB_STATE_QUEUED);
    assertThat(queued.getStatus().getRetryCount()).isEqualTo(1);
    assertThat(queued.getStatus().getError().getCode()).isEqualTo("LEASE_EXPIRED");
    assertThat(Failure.of(lost::heartbeat).code()).isEqualTo(Code.ABORTED);
    assertThat(ann.claim(1)).isEmpty();
    pass(2);
    await().until(() -> !ann.get(lost.jobId()).getStatus().hasClaimableTime());
    HeldJob next = ann.claim();
    assertThat(next.complete().getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void aSilentWorkerWithoutRetriesLeftFailsTheJob() {
    HeldJob lost = ann.start(JobSpec.newBuilder().setType("a").setMaxRetries(0));
    pass(31);
    assertThat(awaitState(lost.jobId(), JobState.JOB_STATE_FAILED).getStatus().getError().getCode())
        .isEqualTo("LEASE_EXPIRED");
  }

  @Test
  void aRetryWaitsForItsBackoff() {
    HeldJob work =
        ann.start(
            JobSpec.newBuilder()
                .setType("a")
                .setRetryBackoff(RetryBackoff.newBuilder().setInitial(TestClient.seconds(100))));
    assertThat(work.fail("FLAKY", true).getStatus().hasClaimableTime()).isTrue();
    pass(79);
    assertThat(ann.claim(1)).isEmpty();
    pass(42);
    await().until(() -> !ann.get(work.jobId()).getStatus().hasClaimableTime());
    assertThat(ann.claim().jobId()).isEqualTo(work.jobId());
  }

  @Test
  void anUnconfirmedCancelEndsAfterItsGracePeriod() {
    HeldJob work = ann.start("a");
    ann.jobs()
        .cancelJob(
            CancelJobRequest.newBuilder()
                .setJobId(work.jobId())
                .setGrace(TestClient.seconds(10))
                .build());
    pass(11);
    assertThat(
            awaitState(work.jobId(), JobState.JOB_STATE_CANCELLED).getStatus().getError().getCode())
        .isEqualTo("CANCEL_UNCONFIRMED");
  }

  @Test
  void timeoutsEndJobsThatTakeTooLong() {
    Job queue = ann.create(timed(JobTimeouts.newBuilder().setQueue(TestClient.seconds(5))));
    HeldJob attempt =
        ann.start(
            timed(JobTimeouts.newBuilder().setAttempt(TestClient.seconds(5))).setMaxRetries(0));
    HeldJob total = ann.start(timed(JobTimeouts.newBuilder().setTotal(TestClient.seconds(5))));
    pass(6);
    assertThat(
            awaitState(queue.getId(), JobState.JOB_STATE_FAILED).getStatus().getError().getCode())
        .isEqualTo("QUEUE_TIMEOUT");
    assertThat(
            awaitState(attempt.jobId(), JobState.JOB_STATE_FAILED).getStatus().getError().getCode())
        .isEqualTo("ATTEMPT_TIMEOUT");
    assertThat(
            awaitState(total.jobId(), JobState.JOB_STATE_FAILED).getStatus().getError().getCode())
        .isEqualTo("TOTAL_TIMEOUT");
  }

  @Test
  void aJobWithoutNewProgressIsStalled() {
    HeldJob work = ann.start(timed(JobTimeouts.newBuilder().setStallAfter(TestClient.seconds(40))));
    pass(25);
    work.heartbeat();
    pass(20);
    await()
        .until(() -> ann.get(work.jobId()).getStatus().getHealth() == JobHealth.JOB_HEALTH_STALLED);
    work.progress(1, 2);
    assertThat(ann.get(work.jobId()).getStatus().getHealth()).isEqualTo(JobHealth.JOB_HEALTH_OK);
  }

  @Test
  void thousandsOfDueJobsAreAllTicked() {
    JobSpec.Builder spec = timed(JobTimeouts.newBuilder().setQueue(TestClient.seconds(5)));
    for (int i = 0; i < 1_200; i++) {
      ann.create(spec);
    }
    pass(6);
    ListJobsRequest.Builder queued = ListJobsRequest.newBuilder();
    queued.getFilterBuilder().addStates(JobState.JOB_STATE_QUEUED);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> ann.jobs().listJobs(queued.build()).getJobsCount() == 0);
  }

  private void awaitGone(String id) {
    // Hidden from readers immediately, and from the counts once it is deleted.
    assertThat(Failure.of(() -> ann.get(id)).code()).isEqualTo(Code.NOT_FOUND);
  }

  private void awaitKept(long jobs) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> ann.jobs().countJobs(CountJobsRequest.getDefaultInstance()).getTotal() == jobs);
  }

  @Test
  void finishedJobsAreKeptUntilTheirExpireTime() {
    HeldJob succeeded = ann.start("a");
    HeldJob failed = ann.start("a");
    Job cancelled = ann.create("a");
    succeeded.complete();
    failed.fail("X", false);
    ann.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId(cancelled.getId()).build());
    Job waiting = ann.create("a");
    pass(Duration.ofDays(30).toSeconds() - 1);
    assertThat(ann.get(succeeded.jobId()).getStatus().hasExpireTime()).isTrue();
    pass(1);
    awaitGone(succeeded.jobId());
    awaitGone(cancelled.getId());
    awaitKept(2);
    pass(Duration.ofDays(60).toSeconds());
    awaitGone(failed.jobId());
    awaitKept(1);
    assertThat(ann.get(waiting.getId()).getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_QUEUED);
  }

  @Test
  void thousandsOfExpiredJobsAreAllDeleted() {
    for (int i = 0; i < 1_200; i++) {
      ann.start("a").complete();
    }
    pass(Duration.ofDays(31).toSeconds());
    awaitKept(0);
  }

  @Test
  void retentionIsConfigurable() {
    try (TestServer brief =
        TestServer.start(
            Map.of(
                "milepost.jobs.retention.succeeded", "2m",
                "milepost.jobs.retention.failed", "0"))) {
      TestClient client = brief.client();
      HeldJob succeeded = client.start("a");
      HeldJob failed = client.start("a");
      succeeded.complete();
      failed.fail("X", false);
      brief.clock().advance(Duration.ofMinutes(2));
      assertThat(Failure.of(() -> client.get(succeeded.jobId())).code()).isEqualTo(Code.NOT_FOUND);
      brief.clock().advance(Duration.ofDays(3_650));
      assertThat(client.get(failed.jobId()).getStatus().hasExpireTime()).isFalse();
    }
  }

  @Test
  void aWorkerGetsAFullLeaseAfterTheServerWasDown() {
    SettableClock clock = new SettableClock();
    Path file = directory.resolve("jobs.db");
    HeldJob work;
    try (TestServer first = TestServer.on(file, clock)) {
      work = first.client().start("a");
    }
    clock.advance(Duration.ofHours(2));
    try (TestServer second = TestServer.on(file, clock)) {
      TestClient annAgain = second.client();
      clock.advance(Duration.ofSeconds(20));
      HeldJob same = work.by(annAgain);
      same.heartbeat();
      assertThat(annAgain.get(work.jobId()).getStatus().getAttempt()).isEqualTo(1);
      clock.advance(Duration.ofSeconds(31));
      await()
          .until(
              () -> annAgain.get(work.jobId()).getStatus().getState() == JobState.JOB_STATE_QUEUED);
    }
  }

  @Test
  void ticksInRealTimeWithoutPolling() {
    try (TestServer real = TestServer.inRealTime(Map.of("milepost.upkeep.poll-interval", "10s"))) {
      TestClient client = real.client();
      HeldJob work =
          client.start(
              timed(JobTimeouts.newBuilder().setLease(TestClient.seconds(1))).setMaxRetries(0));
      await()
          .atMost(Duration.ofSeconds(5))
          .until(
              () -> client.get(work.jobId()).getStatus().getState() == JobState.JOB_STATE_FAILED);
    }
  }
}
