package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.store.SettableClock;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJobsResponse;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportRequest;
import dev.milepost.v1.ReportResponse;
import dev.milepost.v1.WaitJobRequest;
import dev.milepost.v1.WaitJobResponse;
import dev.milepost.v1.WatchJobRequest;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that stops gracefully, and has everything acknowledged when it starts again. */
class DrainTest {
  @TempDir Path directory;

  private static List<ServingStatus> statuses(ResponseRecorder<HealthCheckResponse> watch) {
    return watch.responses().stream().map(HealthCheckResponse::getStatus).toList();
  }

  @Test
  void endsWaitingCallsWithUnavailable() throws Exception {
    TestServer server = TestServer.start();
    TestClient ann = server.client();
    ResponseRecorder<HealthCheckResponse> health = new ResponseRecorder<>();
    HealthGrpc.newStub(ann.anonymous().channel())
        .watch(HealthCheckRequest.getDefaultInstance(), health);
    await().until(() -> statuses(health).contains(ServingStatus.SERVING));
    HeldJob work = ann.start("a");
    JobWatchRecorder watch = ann.watch(work.jobId()).awaitPosition(2);
    JobWatchRecorder notReading =
        ann.watch(WatchJobRequest.newBuilder().setJobId(work.jobId()), 1).awaitMessages(1);
    PendingCall<ClaimJobsRequest, ClaimJobsResponse> claim =
        PendingCall.call(
            ann.workerAsync()::claimJobs,
            TestClient.claimRequest().setWait(TestClient.seconds(60)).build());
    PendingCall<WaitJobRequest, WaitJobResponse> wait =
        PendingCall.call(
            ann.jobsAsync()::waitJob,
            WaitJobRequest.newBuilder()
                .setJobId(work.jobId())
                .setWait(TestClient.seconds(600))
                .build());
    // On the same connection: a response to this shows that the others have been received.
    assertThat(ann.claim(1)).isEmpty();

    long start = System.nanoTime();
    server.server().close();
    // Far below the ten seconds of the drain timeout: calls that would not end by themselves are
    // not awaited.
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(5);

    Failure told = watch.awaitFailure();
    assertThat(told.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(told.reason()).isEqualTo("DRAINING");
    assertThat(told.detail(com.google.rpc.RetryInfo.class)).isPresent();
    assertThat(claim.soon().getJobsCount()).isZero();
    assertThat(Failure.of(wait::soon).reason()).isEqualTo("DRAINING");
    await().until(health::isOver);
    assertThat(statuses(health)).last().isEqualTo(ServingStatus.NOT_SERVING);
    notReading.take(10);
    assertThat(notReading.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
    server.close();
  }

  @Test
  void callsInProgressComplete() throws Exception {
    SettableClock clock = new SettableClock();
    Path file = directory.resolve("jobs.db");
    TestServer server = TestServer.on(file, clock);
    TestClient ann = server.client();
    HeldJob work = ann.start("a");
    List<PendingCall<ReportRequest, ReportResponse>> calls = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      calls.add(
          PendingCall.call(
              ann.workerAsync()::report,
              work.request(Report.newBuilder().putOutcomeIncrements("n", 1))));
    }
    calls.get(0).soon();
    server.server().close();
    long acknowledged = 0;
    long lost = 0;
    for (PendingCall<ReportRequest, ReportResponse> call : calls) {
      try {
        call.soon();
        acknowledged++;
      } catch (java.util.concurrent.ExecutionException e) {
        assertThat(Failure.of(e).code()).isEqualTo(Code.UNAVAILABLE);
        lost++;
      }
    }
    server.close();
    try (TestServer again = TestServer.on(file, clock)) {
      assertThat(again.client().get(work.jobId()).getStatus().getOutcomeOrThrow("n"))
          .isBetween(acknowledged, acknowledged + lost);
    }
    assertThat(acknowledged).isPositive();
  }

  @Test
  void aRestartedServerHasEverything() {
    SettableClock clock = new SettableClock();
    Path file = directory.resolve("jobs.db");
    TestServer first = TestServer.on(file, clock);
    TestClient ann = first.client();
    HeldJob work = ann.start("a");
    for (int i = 0; i < 30; i++) {
      work.report(Report.newBuilder().setReportSeq(i + 1).addLogs(HeldJob.info("line " + i)));
    }
    ann.create(JobSpec.newBuilder().setType("b"));
    ListJobsRequest page = ListJobsRequest.newBuilder().setPageSize(1).build();
    String token = ann.jobs().listJobs(page).getNextPageToken();
    JobWatchRecorder watch = ann.watch(work.jobId()).awaitPosition(20);
    first.server().close();
    watch.awaitEnd();
    long position = watch.position();
    var before = watch.sequences();
    first.close();

    try (TestServer second = TestServer.on(file, clock)) {
      TestClient annAgain = second.client();
      HeldJob resumed = work.by(annAgain);
      assertThat(
              resumed
                  .report(Report.newBuilder().setReportSeq(30).addLogs(HeldJob.info("again")))
                  .getCommittedSeq())
          .isEqualTo(30);
      resumed.report(Report.newBuilder().setReportSeq(31).addLogs(HeldJob.info("line 30")));
      JobWatchRecorder rest =
          annAgain.watch(
              WatchJobRequest.newBuilder().setJobId(work.jobId()).setAfterSequence(position));
      resumed.complete();
      assertThat(rest.awaitEnd().getCode()).isEqualTo(Code.OK);
      List<Long> all = new ArrayList<>(before);
      all.addAll(rest.sequences());
      assertThat(all).isSorted().doesNotHaveDuplicates().hasSize(2 + 31 + 1);
      ListJobsResponse rested =
          annAgain.jobs().listJobs(page.toBuilder().setPageToken(token).build());
      assertThat(rested.getJobsList())
          .singleElement()
          .extracting(job -> job.getId())
          .isEqualTo(work.jobId());
    }
  }

  @RepeatedTest(5)
  void stoppingUnderLoadEndsEveryCall() {
    TestServer server = TestServer.start();
    TestClient ann = server.client();
    HeldJob work = ann.start("a");
    List<JobWatchRecorder> watches = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      watches.add(ann.watch(work.jobId()));
    }
    CompletableFuture<Void> stopping = CompletableFuture.runAsync(server.server()::close);
    for (int i = 0; i < 100; i++) {
      watches.add(ann.watch(work.jobId()));
    }
    watches.forEach(watch -> assertThat(watch.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE));
    stopping.join();
    server.close();
  }
}
