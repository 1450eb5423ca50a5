package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.FieldMask;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.ResourceInfo;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.RetryJobRequest;
import dev.milepost.v1.UpdateJobRequest;
import dev.milepost.v1.WaitJobRequest;
import dev.milepost.v1.WaitJobResponse;
import io.grpc.Status.Code;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an owner can do with a job: update, cancel, retry, delete, wait. */
class SteerJobTest {
  private final TestServer server = TestServer.start();
  private final TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  private Job cancel(String id) {
    return ann.jobs()
        .cancelJob(CancelJobRequest.newBuilder().setJobId(id).setReason("enough").build())
        .getJob();
  }

  private Job retry(String id) {
    return ann.jobs().retryJob(RetryJobRequest.newBuilder().setJobId(id).build()).getJob();
  }

  private Object delete(String id) {
    return ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(id).build());
  }

  private static UpdateJobRequest.Builder update(Job job, String... paths) {
    return UpdateJobRequest.newBuilder()
        .setJobId(job.getId())
        .setUpdateMask(FieldMask.newBuilder().addAllPaths(java.util.List.of(paths)));
  }

  @Test
  void anUpdateSetsTheFieldsOfItsMask() {
    Job job =
        ann.create(JobSpec.newBuilder().setType("a").setDisplayName("old").putLabels("k", "v"));
    Job updated =
        ann.jobs()
            .updateJob(
                update(job, "priority", "labels")
                    .setSpec(JobSpec.newBuilder().setPriority(90).setDisplayName("ignored"))
                    .build())
            .getJob();
    assertThat(updated.getSpec().getPriority()).isEqualTo(90);
    assertThat(updated.getSpec().getLabelsMap()).isEmpty();
    assertThat(updated.getSpec().getDisplayName()).isEqualTo("old");
    assertThat(updated.getEtag()).isNotEqualTo(job.getEtag());
    assertThat(ann.get(job.getId())).isEqualTo(updated);
  }

  @Test
  void anUpdateWithAnOldEtagIsAborted() {
    Job job = ann.create("a");
    UpdateJobRequest request =
        update(job, "display_name")
            .setSpec(JobSpec.newBuilder().setDisplayName("one"))
            .setEtag(job.getEtag())
            .build();
    ann.jobs().updateJob(request);
    Failure failure = Failure.of(() -> ann.jobs().updateJob(request));
    assertThat(failure.code()).isEqualTo(Code.ABORTED);
    assertThat(failure.reason()).isEqualTo("ETAG_MISMATCH");
    Failure deletion =
        Failure.of(
            () ->
                ann.jobs()
                    .deleteJob(
                        DeleteJobRequest.newBuilder()
                            .setJobId(job.getId())
                            .setEtag(job.getEtag())
                            .build()));
    assertThat(deletion.reason()).isEqualTo("ETAG_MISMATCH");
  }

  @Test
  void immutableFieldsAreRefused() {
    Job job = ann.create("a");
    Failure failure =
        Failure.of(
            () ->
                ann.jobs()
                    .updateJob(
                        update(job, "type").setSpec(JobSpec.newBuilder().setType("b")).build()));
    assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(failure.violations())
        .singleElement()
        .asString()
        .startsWith("update_mask: must name only labels");
    assertThat(Failure.of(() -> ann.jobs().updateJob(update(job).build())).violations())
        .first()
        .asString()
        .startsWith("update_mask: must name at least one");
    assertThat(ann.get(job.getId())).isEqualTo(job);
  }

  @Test
  void aQueuedJobIsCancelledImmediatelyAndARunningOneOnRequest() {
    Job waiting = cancel(ann.create("a").getId());
    assertThat(cancel(waiting.getId())).as("asked twice").isEqualTo(waiting);
    assertThat(waiting.getStatus().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    HeldJob work = ann.start("a");
    Job asked = cancel(work.jobId());
    assertThat(asked.getStatus().getState()).isEqualTo(JobState.JOB_STATE_CANCELLING);
    assertThat(asked.getStatus().getCancel().getRequestedBy()).isEqualTo("ann");
    assertThat(asked.getStatus().getCancel().getReason()).isEqualTo("enough");
    assertThat(cancel(work.jobId())).isEqualTo(asked);
    assertThat(work.confirmCancel().getStatus().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
  }

  @Test
  void invalidTransitionsNameTheStateAndTheAllowedCommands() {
    HeldJob work = ann.start("a");
    Failure deletion = Failure.of(() -> delete(work.jobId()));
    assertThat(deletion.code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(deletion.message()).contains("cancel it first");
    work.complete();
    Failure cancel = Failure.of(() -> cancel(work.jobId()));
    assertThat(cancel.code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(cancel.reason()).isEqualTo("INVALID_STATE_TRANSITION");
    assertThat(cancel.info().getMetadataMap())
        .containsEntry("state", "SUCCEEDED")
        .containsEntry("command", "CANCEL")
        .containsEntry("allowed_commands", "DELETE,UPDATE");
    PreconditionFailure.Violation violation =
        cancel.detail(PreconditionFailure.class).orElseThrow().getViolations(0);
    assertThat(violation.getSubject()).isEqualTo(work.jobId());
    assertThat(violation.getDescription()).contains("SUCCEEDED").contains("DELETE");
    assertThat(Failure.of(() -> retry(work.jobId())).reason())
        .isEqualTo("INVALID_STATE_TRANSITION");
  }

  @Test
  void aManualRetryOfAFailedJobKeepsItsHistory() {
    HeldJob work = ann.start("a");
    work.fail("BROKEN", false);
    Job again = retry(work.jobId());
    assertThat(again.getStatus().getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(again.getStatus().getAttemptsCount()).isEqualTo(1);
    assertThat(again.getStatus().getJournalSequence()).isEqualTo(4);
    assertThat(ann.claim().jobId()).isEqualTo(work.jobId());
  }

  @Test
  void aDeletedJobLosesItsJournalAndItems() {
    Job job = ann.create("a");
    delete(job.getId());
    Failure failure = Failure.of(() -> ann.get(job.getId()));
    assertThat(failure.code()).isEqualTo(Code.NOT_FOUND);
    assertThat(failure.detail(ResourceInfo.class).orElseThrow().getResourceName())
        .isEqualTo(job.getId());
    assertThat(Failure.of(() -> delete(job.getId())).reason()).isEqualTo("JOB_NOT_FOUND");
    assertThat(Failure.of(() -> ann.journal(job.getId())).reason()).isEqualTo("JOB_NOT_FOUND");
  }

  private PendingCall<WaitJobRequest, WaitJobResponse> waitFor(String id, long seconds) {
    return PendingCall.call(
        ann.jobsAsync()::waitJob,
        WaitJobRequest.newBuilder().setJobId(id).setWait(TestClient.seconds(seconds)).build());
  }

  @Test
  void aWaitEndsWithTheJob() throws Exception {
    HeldJob work = ann.start("a");
    PendingCall<WaitJobRequest, WaitJobResponse> wait = waitFor(work.jobId(), 60);
    awaitWatched(work, true);
    work.log(dev.milepost.v1.LogLevel.LOG_LEVEL_INFO, "not yet");
    assertThat(wait.isDone()).isFalse();
    Job done = work.complete();
    assertThat(wait.soon().getJob()).isEqualTo(done);
    assertThat(waitFor(work.jobId(), 60).soon().getJob()).isEqualTo(done);
  }

  /** The report interval that a worker receives shows whether the job is watched. */
  private static void awaitWatched(HeldJob work, boolean watched) {
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> (work.heartbeat().getMinReportInterval().getSeconds() == 0) == watched);
  }

  @Test
  void aWaitEndsWithItsTimeout() throws Exception {
    HeldJob work = ann.start("a");
    WaitJobRequest aMoment =
        WaitJobRequest.newBuilder()
            .setJobId(work.jobId())
            .setWait(com.google.protobuf.Duration.newBuilder().setNanos(50_000_000))
            .build();
    assertThat(ann.jobs().waitJob(aMoment).getJob().getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(waitFor(work.jobId(), 0).soon().getJob().getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_RUNNING);
    awaitWatched(work, false);
  }

  @Test
  void aWaitEndsWhenTheJobIsDeleted() {
    Job job = ann.create("a");
    PendingCall<WaitJobRequest, WaitJobResponse> wait = waitFor(job.getId(), 60);
    JobWatchRecorder watch = ann.watch(job.getId()).awaitMessages(1);
    delete(job.getId());
    assertThat(Failure.of(() -> wait.soon()).reason()).isEqualTo("JOB_NOT_FOUND");
    assertThat(watch.awaitFailure().reason()).isEqualTo("JOB_NOT_FOUND");
  }

  @Test
  void aCancelledWaitLeavesNothingBehind() {
    HeldJob work = ann.start("a");
    PendingCall<WaitJobRequest, WaitJobResponse> wait = waitFor(work.jobId(), 3600);
    awaitWatched(work, true);
    wait.cancel();
    awaitWatched(work, false);
  }
}
