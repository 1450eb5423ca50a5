package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.Directive;
import dev.milepost.v1.FailJobRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportAck;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Reports and ends: exactly once, by the holder of the token. */
class WorkerTest {
  private final TestServer server = TestServer.start();
  private final TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  private static Report.Builder numbered(long seq, String line) {
    return Report.newBuilder()
        .setReportSeq(seq)
        .addLogs(HeldJob.info(line))
        .putOutcomeIncrements("n", 1);
  }

  private Job cancel(HeldJob work) {
    return ann.jobs()
        .cancelJob(CancelJobRequest.newBuilder().setJobId(work.jobId()).setReason("enough").build())
        .getJob();
  }

  @Test
  void aResponseContainsTheCommittedPositionAndInstructions() {
    HeldJob work = ann.start("a");
    ReportAck ack = work.report(numbered(1, "one"));
    assertThat(ack.getCommittedSeq()).isEqualTo(1);
    assertThat(ack.getDirective()).isEqualTo(Directive.DIRECTIVE_CONTINUE);
    assertThat(ack.hasCancel()).isFalse();
    assertThat(ack.getLeaseExpireTime().getSeconds())
        .isEqualTo(server.clock().instant().plusSeconds(30).getEpochSecond());
    assertThat(ack.getMinReportInterval()).isEqualTo(TestClient.seconds(1));
    ann.watch(work.jobId()).awaitMessages(1);
    assertThat(work.heartbeat().getMinReportInterval())
        .isEqualTo(com.google.protobuf.Duration.newBuilder().setNanos(100_000_000).build());
  }

  @Test
  void aRepeatedReportChangesNothing() {
    HeldJob work = ann.start("a");
    work.report(numbered(1, "one"));
    Job before = ann.get(work.jobId());
    assertThat(work.report(numbered(1, "other")).getCommittedSeq()).isEqualTo(1);
    assertThat(ann.get(work.jobId())).isEqualTo(before);
    assertThat(work.report(numbered(2, "two")).getCommittedSeq()).isEqualTo(2);
    assertThat(work.report(numbered(1, "one")).getCommittedSeq()).isEqualTo(2);
    assertThat(ann.get(work.jobId()).getStatus().getOutcomeMap()).containsEntry("n", 2L);
  }

  @Test
  void aGapIsRefusedWithTheExpectedNumber() {
    HeldJob work = ann.start("a");
    work.report(numbered(1, "one"));
    Failure failure = Failure.of(() -> work.report(numbered(3, "three")));
    assertThat(failure.code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(failure.reason()).isEqualTo("REPORT_SEQUENCE_GAP");
    assertThat(failure.info().getMetadataMap()).containsEntry("expected_seq", "2");
    assertThat(ann.journal(work.jobId())).hasSize(3);
  }

  @Test
  void aReportWithoutANumberIsAlwaysWritten() {
    HeldJob work = ann.start("a");
    work.report(numbered(0, "x"));
    assertThat(work.report(numbered(0, "x")).getCommittedSeq()).isZero();
    assertThat(ann.get(work.jobId()).getStatus().getOutcomeMap()).containsEntry("n", 2L);
  }

  @Test
  void aStaleTokenWritesNothing() {
    HeldJob first = ann.start("a");
    first.release("later");
    HeldJob second = ann.claim();
    Failure failure = Failure.of(() -> first.report(numbered(1, "late")));
    assertThat(failure.code()).isEqualTo(Code.ABORTED);
    assertThat(failure.reason()).isEqualTo("LEASE_LOST");
    assertThat(Failure.of(first::heartbeat).code()).isEqualTo(Code.ABORTED);
    assertThat(Failure.of(first::complete).code()).isEqualTo(Code.ABORTED);
    second.complete();
    assertThat(ann.get(first.jobId()).getStatus().getLogCounts().getInfo()).isZero();
  }

  @Test
  void aHeartbeatRenewsTheLease() {
    HeldJob work = ann.start("a");
    for (int i = 0; i < 5; i++) {
      server.clock().advance(Duration.ofSeconds(20));
      work.heartbeat();
    }
    assertThat(ann.get(work.jobId()).getStatus().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @TestFactory
  Stream<DynamicTest> everyAnswerCarriesACancel() {
    return Stream.<Function<HeldJob, ReportAck>>of(
            work -> work.heartbeat(),
            work -> work.progress(1, 3),
            work -> work.report(numbered(2, "two")),
            work -> work.report(numbered(1, "repeated")))
        .map(
            answer ->
                DynamicTest.dynamicTest(
                    "answer",
                    () -> {
                      HeldJob work = ann.start("a");
                      work.report(numbered(1, "one"));
                      cancel(work);
                      ReportAck ack = answer.apply(work);
                      assertThat(ack.getDirective()).isEqualTo(Directive.DIRECTIVE_CANCEL);
                      assertThat(ack.getCancel().getReason()).isEqualTo("enough");
                      assertThat(ack.getCancel().getRequestedBy()).isEqualTo("ann");
                      assertThat(ack.getCancel().hasGraceExpireTime()).isTrue();
                      assertThat(ack.getCancel().hasDeliverTime()).isTrue();
                      assertThat(ann.get(work.jobId()).getStatus().getCancel())
                          .isEqualTo(ack.getCancel());
                    }));
  }

  @Test
  void aRepeatedEndReturnsTheFirstResponse() {
    HeldJob completed = ann.start("a");
    assertThat(completed.complete()).isEqualTo(completed.complete());

    HeldJob failed = ann.start("a");
    assertThat(failed.fail("BROKEN", true)).isEqualTo(failed.fail("BROKEN", true));
    assertThat(ann.get(failed.jobId()).getStatus().getRetryCount()).isEqualTo(1);
    assertThat(Failure.of(() -> failed.fail("OTHER", true)).code()).isEqualTo(Code.ABORTED);

    HeldJob cancelled = ann.start("a");
    cancel(cancelled);
    assertThat(cancelled.confirmCancel()).isEqualTo(cancelled.confirmCancel());

    HeldJob released = ann.start("a");
    assertThat(released.release("x")).isEqualTo(released.release("x"));
    assertThat(ann.get(released.jobId()).getStatus().getRetryCount()).isZero();
  }

  @Test
  void anEndAlsoCommitsItsReport() {
    HeldJob work = ann.start("a");
    work.report(numbered(1, "one"));
    CompleteJobRequest last =
        CompleteJobRequest.newBuilder()
            .setJobId(work.jobId())
            .setAttemptToken(work.token())
            .setReport(numbered(2, "last"))
            .build();
    Job done = ann.worker().completeJob(last).getJob();
    assertThat(done.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(done.getStatus().getOutcomeMap()).containsEntry("n", 2L);
    assertThat(ann.worker().completeJob(last).getJob()).isEqualTo(done);
    assertThat(ann.journal(work.jobId())).hasSize(5);
  }

  @Test
  void anEndWithAGapEndsNothing() {
    HeldJob work = ann.start("a");
    Failure failure =
        Failure.of(
            () ->
                ann.worker()
                    .failJob(
                        FailJobRequest.newBuilder()
                            .setJobId(work.jobId())
                            .setAttemptToken(work.token())
                            .setReport(numbered(5, "far"))
                            .setError(JobError.newBuilder().setCode("X"))
                            .build()));
    assertThat(failure.reason()).isEqualTo("REPORT_SEQUENCE_GAP");
    assertThat(ann.get(work.jobId()).getStatus().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @Test
  void aJobThatIsNotCancellingCannotConfirmACancel() {
    HeldJob work = ann.start("a");
    Failure failure = Failure.of(work::confirmCancel);
    assertThat(failure.code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(failure.info().getMetadataMap()).containsEntry("state", "RUNNING");
    cancel(work);
    assertThat(Failure.of(() -> work.release("x")).info().getMetadataMap())
        .containsEntry("state", "CANCELLING");
  }

  @Test
  void aFailureWithoutRetriesLeftIsFinal() {
    HeldJob work = ann.start(JobSpec.newBuilder().setType("a").setMaxRetries(0));
    Job failed = work.fail("BROKEN", true);
    assertThat(failed.getStatus().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(failed.getStatus().getError().getCode()).isEqualTo("BROKEN");
  }

  @Test
  void longErrorTextsAreTruncated() {
    HeldJob work = ann.start(JobSpec.newBuilder().setType("a").setMaxRetries(0));
    Job failed =
        ann.worker()
            .failJob(
                FailJobRequest.newBuilder()
                    .setJobId(work.jobId())
                    .setAttemptToken(work.token())
                    .setError(
                        JobError.newBuilder()
                            .setCode("X")
                            .setMessage("m".repeat(9_000))
                            .setStackTrace("s".repeat(99_000)))
                    .build())
            .getJob();
    assertThat(failed.getStatus().getError().getMessage()).hasSize(4_096);
    assertThat(failed.getStatus().getError().getStackTrace()).hasSize(16_384);
  }
}
