package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.FieldMask;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.ClaimedJob;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.UpdateJobRequest;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Claims: in order, each job to one worker, and no new job missed. */
class ClaimJobsTest {
  private final TestServer server = TestServer.start();
  private final TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  private static JobSpec.Builder spec(String type, int priority) {
    return JobSpec.newBuilder().setType(type).setPriority(priority);
  }

  private static ClaimJobsRequest.Builder waiting() {
    return TestClient.claimRequest().setWait(TestClient.seconds(30));
  }

  private PendingCall<ClaimJobsRequest, ClaimJobsResponse> claim(ClaimJobsRequest.Builder request) {
    return PendingCall.call(ann.workerAsync()::claimJobs, request.build());
  }

  private static String only(ClaimJobsResponse response) {
    assertThat(response.getJobsCount()).isEqualTo(1);
    return response.getJobs(0).getJob().getId();
  }

  @Test
  void highestPriorityThenOldest() {
    String low = ann.create(spec("a", 10)).getId();
    String high = ann.create(spec("b", 90)).getId();
    String highToo = ann.create(spec("a", 90)).getId();
    assertThat(ann.claim(10)).extracting(HeldJob::jobId).containsExactly(high, highToo, low);
    assertThat(ann.claim(10)).isEmpty();
  }

  @Test
  void lanesAndTypesNarrowAClaim() {
    String low = ann.create(spec("a", 10)).getId();
    ann.create(spec("b", 90));
    assertThat(ann.works(ann.worker().claimJobs(TestClient.claimRequest().addTypes("c").build())))
        .isEmpty();
    assertThat(
            ann.works(ann.worker().claimJobs(TestClient.claimRequest().setMinPriority(95).build())))
        .isEmpty();
    assertThat(
            ann.works(ann.worker().claimJobs(TestClient.claimRequest().setMaxPriority(20).build())))
        .extracting(HeldJob::jobId)
        .containsExactly(low);
  }

  @Test
  void aRepeatedClaimReturnsTheJobsStillHeld() {
    ann.create("a");
    ann.create("a");
    ClaimJobsRequest request = TestClient.claimRequest().setMaxJobs(2).setRequestId("c1").build();
    ClaimJobsResponse first = ann.worker().claimJobs(request);
    assertThat(first.getJobsCount()).isEqualTo(2);
    assertThat(ann.worker().claimJobs(request)).isEqualTo(first);
    ann.works(first).get(0).complete();
    assertThat(ann.worker().claimJobs(request).getJobsList())
        .extracting(ClaimedJob::getGrant)
        .containsExactly(first.getJobs(1).getGrant());
    Failure failure =
        Failure.of(
            () -> ann.worker().claimJobs(request.toBuilder().setMaxJobs(3).addTypes("b").build()));
    assertThat(failure.code()).isEqualTo(Code.ALREADY_EXISTS);
    assertThat(failure.info().getMetadataMap()).containsEntry("fields", "max_jobs,types");
  }

  @Test
  void aClaimFitsIntoAMessageOfDefaultSizeAndLeavesTheRestQueued() {
    List<String> ids = new ArrayList<>();
    Value large = Value.newBuilder().setStringValue("x".repeat(250_000)).build();
    for (int i = 0; i < 20; i++) {
      ids.add(ann.create(spec("a", 50).setParams(params(large))).getId());
    }
    ClaimJobsRequest request = TestClient.claimRequest().setMaxJobs(20).setRequestId("c1").build();

    ClaimJobsResponse first = ann.worker().claimJobs(request);

    assertThat(first.getSerializedSize()).isLessThanOrEqualTo(2 << 20);
    assertThat(first.getJobsList())
        .extracting(claimed -> claimed.getJob().getId())
        .isEqualTo(ids.subList(0, 8));
    assertThat(ann.worker().claimJobs(request)).isEqualTo(first);
    JobStatus left = ann.get(ids.get(8)).getStatus();
    assertThat(left.getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(left.getAttempt()).isZero();
    assertThat(ann.claim(20)).extracting(HeldJob::jobId).isEqualTo(ids.subList(8, 16));
    assertThat(ann.claim(20)).extracting(HeldJob::jobId).isEqualTo(ids.subList(16, 20));
  }

  private static Struct params(Value value) {
    return Struct.newBuilder().putFields("large", value).build();
  }

  @Test
  void aRepeatedClaimMayHaveAnotherWaitTime() {
    ann.create("a");
    ClaimJobsRequest.Builder request = TestClient.claimRequest().setRequestId("c1");
    request.getWaitBuilder().setSeconds(20);
    ClaimJobsResponse first = ann.worker().claimJobs(request.build());
    request.getWaitBuilder().setSeconds(1);
    assertThat(first.getJobsCount()).isEqualTo(1);
    assertThat(ann.worker().claimJobs(request.build())).isEqualTo(first);
    assertThat(ann.worker().claimJobs(request.clearWait().build())).isEqualTo(first);
  }

  @Test
  void aRepeatedClaimWhoseJobsHaveFinishedReturnsImmediately() throws Exception {
    ann.create("a");
    ClaimJobsRequest.Builder request = waiting().setRequestId("c1");
    ann.works(claim(request).soon()).get(0).complete();
    assertThat(claim(request).soon().getJobsCount()).isZero();
  }

  @Test
  void aClaimReturnsWhenItsWaitTimeEnds() {
    assertThat(ann.claim(1)).isEmpty();
    ClaimJobsRequest.Builder aMoment = TestClient.claimRequest();
    aMoment.getWaitBuilder().setNanos(30_000_000);
    assertThat(ann.worker().claimJobs(aMoment.build()).getJobsCount()).isZero();
  }

  @Test
  void evenTheShortestWaitFindsQueuedJobs() {
    for (int i = 0; i < 50; i++) {
      ann.create("a");
      ClaimJobsRequest.Builder aNanosecond = TestClient.claimRequest();
      aNanosecond.getWaitBuilder().setNanos(1);
      assertThat(ann.worker().claimJobs(aNanosecond.build()).getJobsCount()).isEqualTo(1);
    }
  }

  @Test
  void aNewJobWakesAWaitingClaim() throws Exception {
    PendingCall<ClaimJobsRequest, ClaimJobsResponse> claim = claim(waiting());
    assertThat(ann.claim(1)).isEmpty();
    assertThat(claim).isNotDone();
    String id = ann.create("a").getId();
    assertThat(only(claim.soon())).isEqualTo(id);
  }

  @Test
  void aDelayedJobWakesAWaitingClaimWhenItsTimeComes() throws Exception {
    JobSpec.Builder later = JobSpec.newBuilder().setType("a");
    later
        .getNotBeforeTimeBuilder()
        .setSeconds(server.clock().instant().plusSeconds(60).getEpochSecond());
    String id = ann.create(later).getId();
    PendingCall<ClaimJobsRequest, ClaimJobsResponse> claim = claim(waiting());
    assertThat(ann.claim(1)).isEmpty();
    server.clock().advance(Duration.ofSeconds(61));
    assertThat(only(claim.soon())).isEqualTo(id);
  }

  @Test
  void aReleasedJobWakesAWaitingClaim() throws Exception {
    HeldJob work = ann.start("a");
    PendingCall<ClaimJobsRequest, ClaimJobsResponse> claim = claim(waiting());
    assertThat(ann.claim(1)).isEmpty();
    work.release("not mine");
    assertThat(only(claim.soon())).isEqualTo(work.jobId());
  }

  @Test
  void aNewJobWakesAClaimThatWaitsForItsLane() throws Exception {
    Job job = ann.create(spec("a", 10));
    PendingCall<ClaimJobsRequest, ClaimJobsResponse> claim = claim(waiting().setMinPriority(80));
    assertThat(
            ann.works(ann.worker().claimJobs(TestClient.claimRequest().setMinPriority(80).build())))
        .isEmpty();
    ann.jobs()
        .updateJob(
            UpdateJobRequest.newBuilder()
                .setJobId(job.getId())
                .setSpec(JobSpec.newBuilder().setPriority(90))
                .setUpdateMask(FieldMask.newBuilder().addPaths("priority"))
                .build());
    assertThat(only(claim.soon())).isEqualTo(job.getId());
  }

  @Test
  void anExpiredJobDoesNotBlockAClaim() throws Exception {
    JobSpec.Builder expiring = spec("a", 90);
    expiring
        .getExpireTimeBuilder()
        .setSeconds(server.clock().instant().plusSeconds(60).getEpochSecond());
    for (int i = 0; i < 30; i++) {
      ann.create(expiring);
    }
    String lasting = ann.create(spec("a", 10)).getId();
    server.clock().advance(Duration.ofSeconds(61));
    assertThat(only(claim(TestClient.claimRequest()).soon())).isEqualTo(lasting);
  }

  @Test
  void jobsClaimedForACancelledCallGoToTheNextClaim() throws Exception {
    for (int i = 0; i < 200; i++) {
      PendingCall<ClaimJobsRequest, ClaimJobsResponse> gone = claim(waiting());
      String id = "job-" + i;
      dev.milepost.v1.CreateJobRequest create =
          dev.milepost.v1.CreateJobRequest.newBuilder()
              .setJobId(id)
              .setSpec(JobSpec.newBuilder().setType("a"))
              .build();
      PendingCall<?, ?> creation = PendingCall.call(ann.jobsAsync()::createJob, create);
      gone.cancel();
      creation.soon();
      if (gone.isDone() && !gone.isCompletedExceptionally()) {
        ann.works(gone.soon()).get(0).complete();
        continue;
      }
      // The response may already have been sent: then the job is released when its lease expires.
      ClaimJobsRequest.Builder aMoment = TestClient.claimRequest();
      aMoment.getWaitBuilder().setNanos(200_000_000);
      ClaimJobsResponse next = claim(aMoment).soon();
      if (next.getJobsCount() == 0) {
        server.clock().advance(Duration.ofSeconds(31));
        await().until(() -> ann.get(id).getStatus().getState() == JobState.JOB_STATE_QUEUED);
        server.clock().advance(Duration.ofSeconds(5));
        next = claim(waiting()).soon();
      }
      assertThat(only(next)).isEqualTo(id);
      ann.works(next).get(0).complete();
    }
  }

  @RepeatedTest(3)
  void hundredsOfClaimsAndJobsMissNoJobAndNoClaim() throws Exception {
    int jobs = 600;
    int workers = 300;
    Set<String> taken = ConcurrentHashMap.newKeySet();
    AtomicInteger doubles = new AtomicInteger();
    ExecutorService arrivals = Executors.newFixedThreadPool(4);
    try {
      List<ClaimLoop> loops = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        TestClient client = ann.as("w" + i);
        // Some claim one type only, some both: a wake-up must find a claim that can take the job.
        List<String> types = i % 3 == 0 ? List.of("a") : i % 3 == 1 ? List.of("b") : List.of();
        ClaimLoop loop = new ClaimLoop(client, types, taken, doubles, jobs);
        loops.add(loop);
        loop.next();
      }
      for (int i = 0; i < jobs; i++) {
        JobSpec.Builder spec = spec(i % 2 == 0 ? "a" : "b", i % 7 * 10);
        arrivals.execute(() -> ann.create(spec));
      }
      await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(taken).hasSize(jobs));
      assertThat(doubles).hasValue(0);
      loops.forEach(ClaimLoop::stop);
    } finally {
      arrivals.shutdown();
      assertThat(arrivals.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** A worker that claims again as soon as it has a response. */
  private static final class ClaimLoop {
    private final TestClient client;
    private final List<String> types;
    private final Set<String> taken;
    private final AtomicInteger doubles;
    private final int enough;
    private volatile boolean stopped;
    private volatile PendingCall<ClaimJobsRequest, ClaimJobsResponse> call;

    ClaimLoop(
        TestClient client,
        List<String> types,
        Set<String> taken,
        AtomicInteger doubles,
        int enough) {
      this.client = client;
      this.types = types;
      this.taken = taken;
      this.doubles = doubles;
      this.enough = enough;
      this.call =
          PendingCall.call((request, observer) -> {}, ClaimJobsRequest.getDefaultInstance());
    }

    void next() {
      if (stopped || taken.size() >= enough) {
        return;
      }
      call =
          PendingCall.call(client.workerAsync()::claimJobs, waiting().addAllTypes(types).build());
      var unused =
          call.thenAccept(
              response -> {
                for (ClaimedJob job : response.getJobsList()) {
                  if (job.getJob().getStatus().getState() != JobState.JOB_STATE_RUNNING
                      || !taken.add(job.getJob().getId())) {
                    doubles.incrementAndGet();
                  }
                }
                next();
              });
    }

    void stop() {
      stopped = true;
      if (!call.isDone()) {
        call.cancel();
      }
    }
  }
}
