package dev.milepost.server.grpc;

import static dev.milepost.server.grpc.WorkersTest.explain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.ClaimReason;
import dev.milepost.v1.ClaimReasonKind;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.ExplainJobResponse;
import dev.milepost.v1.FailJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ListJobsRequest;
import io.grpc.Status.Code;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What holds a job back, in each case. */
class ExplainJobTest {
  private final TestServer server =
      TestServer.start(Map.of("milepost.limits.batch-items-per-job", 1));
  private final TestClient ann = server.client().in("USER,WORKER");

  @AfterEach
  void stop() {
    server.close();
  }

  private static List<ClaimReasonKind> kinds(ExplainJobResponse explained) {
    return explained.getReasonsList().stream().map(ClaimReason::getKind).toList();
  }

  private Timestamp inAnHour() {
    return Timestamp.newBuilder()
        .setSeconds(server.clock().instant().getEpochSecond() + 3_600)
        .build();
  }

  @Test
  void aRunningJobNamesItsWorker() {
    String id = ann.start("a").jobId();

    ExplainJobResponse explained = explain(ann, id);

    assertThat(kinds(explained)).containsExactly(ClaimReasonKind.CLAIM_REASON_KIND_NOT_QUEUED);
    assertThat(explained.getReasons(0).getMessage())
        .startsWith("It is RUNNING: worker \"")
        .endsWith("\" has claimed it.");
    assertThat(explained.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @Test
  void anEndedJobSaysSo() {
    String id = ann.create("a").getId();
    ann.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId(id).build());

    assertThat(explain(ann, id).getReasons(0).getMessage())
        .isEqualTo("It has ended as CANCELLED. RetryJob queues a failed or cancelled job again.");
  }

  @Test
  void aJobThatMayNotBeginYetSaysWhen() {
    String id = ann.create(JobSpec.newBuilder().setType("a").setNotBeforeTime(inAnHour())).getId();

    ExplainJobResponse explained = explain(ann, id);

    assertThat(kinds(explained))
        .containsExactly(
            ClaimReasonKind.CLAIM_REASON_KIND_NOT_BEFORE_TIME,
            ClaimReasonKind.CLAIM_REASON_KIND_NO_WORKER);
    assertThat(explained.getReasons(0).getUntilTime()).isEqualTo(inAnHour());
  }

  @Test
  void aRetryWaitsForItsBackoff() {
    HeldJob held = ann.start(JobSpec.newBuilder().setType("a").setMaxRetries(3));
    ann.worker()
        .failJob(
            FailJobRequest.newBuilder()
                .setJobId(held.jobId())
                .setAttemptToken(held.token())
                .setError(JobError.newBuilder().setCode("X").setMessage("m").setRetryable(true))
                .build());

    ExplainJobResponse explained = explain(ann, held.jobId());

    assertThat(kinds(explained)).contains(ClaimReasonKind.CLAIM_REASON_KIND_RETRY_BACKOFF);
    assertThat(explained.getReasons(0).getMessage())
        .startsWith("Attempt 1 did not succeed; the next one may begin at 2");
    assertThat(explained.getReasons(0).getUntilTime())
        .isEqualTo(ann.get(held.jobId()).getStatus().getClaimableTime());
  }

  @Test
  void aBatchAndItsJobsPointToEachOther() throws Exception {
    BatchSender sender = new BatchSender(ann).begin("a").items(0, 10);
    await().until(() -> !children().isEmpty());
    Job child = children().get(0);

    ExplainJobResponse explained = explain(ann, child.getId());

    assertThat(kinds(explained)).contains(ClaimReasonKind.CLAIM_REASON_KIND_BATCH_INCOMPLETE);
    assertThat(explained.getReasons(0).getMessage())
        .isEqualTo("Its batch is not complete: CreateJobs has yet to send the rest of its items.");
    assertThat(explained.getReasons(0).getParentId()).isEqualTo(child.getParentId());
    assertThat(kinds(explain(ann, child.getParentId())))
        .contains(ClaimReasonKind.CLAIM_REASON_KIND_PARENT_JOB);
    assertThat(sender).isNotNull();
  }

  private List<Job> children() {
    return ann
        .jobs()
        .listJobs(ListJobsRequest.newBuilder().setFilter(JobFilter.getDefaultInstance()).build())
        .getJobsList()
        .stream()
        .filter(job -> !job.getParentId().isEmpty())
        .toList();
  }

  @Test
  void aJobWithItemsIsExplainedLikeAnyOther() {
    Job job =
        ann.jobs()
            .createJob(
                CreateJobRequest.newBuilder()
                    .setSpec(JobSpec.newBuilder().setType("a"))
                    .addItems(Item.newBuilder().setId("i"))
                    .build())
            .getJob();

    assertThat(kinds(explain(ann, job.getId())))
        .containsExactly(ClaimReasonKind.CLAIM_REASON_KIND_NO_WORKER);
  }

  @Test
  void foreignAndAbsentJobsAreAlike() {
    String id = ann.create("a").getId();
    TestClient bob = ann.as("bob").in("USER");

    Failure foreign = Failure.of(() -> explain(bob, id));
    Failure absent = Failure.of(() -> explain(bob, "no-such-job"));

    assertThat(foreign.code()).isEqualTo(Code.NOT_FOUND);
    assertThat(foreign.reason()).isEqualTo(absent.reason());
    assertThat(explain(ann.as("op").in("OPERATOR"), id).getReasonsCount()).isPositive();
    assertThat(Failure.of(() -> explain(ann.of("other").in("ADMIN"), id)).code())
        .isEqualTo(Code.NOT_FOUND);
  }
}
