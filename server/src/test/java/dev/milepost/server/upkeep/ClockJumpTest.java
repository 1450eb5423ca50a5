package dev.milepost.server.upkeep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.grpc.HeldJob;
import dev.milepost.server.grpc.TestClient;
import dev.milepost.server.grpc.TestServer;
import dev.milepost.server.store.SettableClock;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.RetryBackoff;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to jobs when the server's clock is set. */
class ClockJumpTest {
  @TempDir Path directory;

  private TestServer server;
  private TestClient ann;

  private void start(String store) {
    server =
        TestServer.start(
            Map.of(
                "milepost.store",
                store.equals("memory") ? "memory:" : "sqlite:" + directory.resolve("jobs.db")));
    ann = server.client();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private SettableClock clock() {
    return server.clock();
  }

  private void pass(long seconds) {
    clock().advance(Duration.ofSeconds(seconds));
  }

  private JobState state(String id) {
    return ann.get(id).getStatus().getState();
  }

  private Job awaitState(String id, JobState state) {
    await().atMost(Duration.ofSeconds(20)).until(() -> state(id) == state);
    return ann.get(id);
  }

  /** Waits until the server has ticked a job that was due a moment ago. */
  private void awaitTick() {
    Job due = ann.create(timed(JobTimeouts.newBuilder().setQueue(TestClient.seconds(1))));
    clock().advance(Duration.ofSeconds(1));
    awaitState(due.getId(), JobState.JOB_STATE_FAILED);
  }

  private static JobSpec.Builder timed(JobTimeouts.Builder timeouts) {
    return JobSpec.newBuilder().setType("a").setMaxRetries(0).setTimeouts(timeouts);
  }

  @ParameterizedTest
  @CsvSource({"memory,3600", "memory,-3600", "sqlite,3600", "sqlite,-3600"})
  void leasesLastForTheirLength(String store, long jump) {
    start(store);
    HeldJob live = ann.start("a");
    HeldJob silent = ann.start(JobSpec.newBuilder().setType("a").setMaxRetries(0));
    pass(20);
    clock().jump(Duration.ofSeconds(jump));
    awaitTick();
    assertThat(state(silent.jobId())).isEqualTo(JobState.JOB_STATE_RUNNING);
    live.heartbeat();
    pass(25);
    awaitTick();
    live.heartbeat();
    pass(15);
    awaitTick();
    // The server may hold a lease for twice its length when the clock has jumped.
    assertThat(
            awaitState(silent.jobId(), JobState.JOB_STATE_FAILED).getStatus().getError().getCode())
        .isEqualTo("LEASE_EXPIRED");
    live.heartbeat();
    assertThat(ann.get(live.jobId()).getStatus().getAttempt()).isEqualTo(1);
    live.complete();
  }

  @ParameterizedTest
  @CsvSource({"memory,3600", "memory,-3600", "sqlite,3600", "sqlite,-3600"})
  void timeoutsFollowTheElapsedTime(String store, long jump) {
    start(store);
    Job queue = ann.create(timed(JobTimeouts.newBuilder().setQueue(TestClient.seconds(40))));
    HeldJob attempt = ann.start(timed(JobTimeouts.newBuilder().setAttempt(TestClient.seconds(40))));
    HeldJob total = ann.start(timed(JobTimeouts.newBuilder().setTotal(TestClient.seconds(40))));
    HeldJob flaky =
        ann.start(
            JobSpec.newBuilder()
                .setType("b")
                .setRetryBackoff(RetryBackoff.newBuilder().setInitial(TestClient.seconds(40))));
    flaky.fail("FLAKY", true);
    HeldJob cancelled = ann.start("a");
    ann.jobs()
        .cancelJob(
            CancelJobRequest.newBuilder()
                .setJobId(cancelled.jobId())
                .setGrace(TestClient.seconds(40))
                .build());
    pass(20);
    List.of(attempt, total, cancelled).forEach(HeldJob::heartbeat);
    clock().jump(Duration.ofSeconds(jump));
    awaitTick();
    pass(5);
    List.of(attempt, total, cancelled).forEach(HeldJob::heartbeat);
    awaitTick();
    assertThat(state(queue.getId())).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(state(attempt.jobId())).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(state(total.jobId())).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(state(cancelled.jobId())).isEqualTo(JobState.JOB_STATE_CANCELLING);
    assertThat(ann.get(flaky.jobId()).getStatus().hasClaimableTime()).isTrue();
    pass(14);
    awaitState(queue.getId(), JobState.JOB_STATE_FAILED);
    awaitState(attempt.jobId(), JobState.JOB_STATE_FAILED);
    awaitState(total.jobId(), JobState.JOB_STATE_FAILED);
    assertThat(ann.get(attempt.jobId()).getStatus().getError().getCode())
        .isEqualTo("ATTEMPT_TIMEOUT");
    pass(10);
    await().until(() -> !ann.get(flaky.jobId()).getStatus().hasClaimableTime());
  }

  /** As someone tries out times, with jobs created in between. */
  @ParameterizedTest
  @ValueSource(strings = {"memory", "sqlite"})
  void jobsOfEachTimeTimeOutAfterManyJumps(String store) {
    start(store);
    int jobs = 0;
    for (long jump : new long[] {3_600, -7_200, 1_800, -60, 90_000, -90_000, 5}) {
      for (int i = 0; i < 150; i++) {
        ann.create(timed(JobTimeouts.newBuilder().setQueue(TestClient.seconds(60))));
        jobs++;
      }
      pass(2);
      clock().jump(Duration.ofSeconds(jump));
    }
    awaitTick();
    assertThat(count(JobState.JOB_STATE_QUEUED)).isEqualTo(jobs);
    pass(60);
    await().atMost(Duration.ofSeconds(30)).until(() -> count(JobState.JOB_STATE_QUEUED) == 0);
  }

  private long count(JobState state) {
    CountJobsRequest.Builder request = CountJobsRequest.newBuilder();
    request.getFilterBuilder().addStates(state);
    return ann.jobs().countJobs(request.build()).getTotal();
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "sqlite"})
  void aJobOfTheNewTimeDoesNotWaitForTheOldOne(String store) {
    start(store);
    ann.start("a");
    clock().jump(Duration.ofHours(-1));
    HeldJob silent = ann.start(timed(JobTimeouts.newBuilder().setLease(TestClient.seconds(2))));
    pass(2);
    // A lease may last for twice its length after a jump.
    pass(2);
    awaitState(silent.jobId(), JobState.JOB_STATE_FAILED);
  }
}
