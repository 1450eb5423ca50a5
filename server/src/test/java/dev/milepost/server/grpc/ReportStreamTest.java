package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.Directive;
import dev.milepost.v1.JobState;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportStreamResponse;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reports of many jobs on one stream: a response for each, in order. */
class ReportStreamTest {
  private final TestServer server = TestServer.start();
  private final TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  private static Report.Builder numbered(long seq) {
    return Report.newBuilder().setReportSeq(seq).addLogs(HeldJob.info("line " + seq));
  }

  @Test
  void responsesFollowTheOrderOfTheReports() {
    List<HeldJob> works = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      works.add(ann.start("a"));
    }
    ReportStreamRecorder stream = new ReportStreamRecorder(ann, Integer.MAX_VALUE);
    List<String> sent = new ArrayList<>();
    for (int seq = 1; seq <= 100; seq++) {
      for (HeldJob work : works) {
        stream.send(work, numbered(seq));
        sent.add(work.jobId() + "/" + seq);
      }
    }
    stream.awaitAnswers(1_000);
    assertThat(stream.answers).allMatch(ReportStreamResponse::hasAck);
    assertThat(stream.answers)
        .extracting(answer -> answer.getJobId() + "/" + answer.getReportSeq())
        .isEqualTo(sent);
    assertThat(stream.answers)
        .allMatch(answer -> answer.getAck().getCommittedSeq() == answer.getReportSeq());
    stream.call.onCompleted();
    await().until(() -> stream.over);
    assertThat(stream.failure).isNull();
    works.forEach(work -> assertThat(ann.journal(work.jobId())).hasSize(102));
  }

  @Test
  void anErrorOfOneJobDoesNotEndTheStream() {
    HeldJob good = ann.start("a");
    ReportStreamRecorder stream = new ReportStreamRecorder(ann, Integer.MAX_VALUE);
    stream.send(good, numbered(1));
    stream.send(good.withToken("stale"), numbered(1));
    stream.send(new HeldJob(ann, "nobody", "t"), numbered(1));
    stream.send(good, numbered(7));
    stream.send(good, Report.newBuilder().setReportSeq(-1));
    stream.send(good, numbered(2));
    stream.heartbeat(good);
    stream.awaitAnswers(7);
    assertThat(stream.answers)
        .extracting(answer -> answer.hasAck() ? Code.OK.value() : answer.getError().getCode())
        .containsExactly(
            0,
            Code.ABORTED.value(),
            Code.NOT_FOUND.value(),
            Code.FAILED_PRECONDITION.value(),
            Code.INVALID_ARGUMENT.value(),
            0,
            0);
    assertThat(stream.answers.get(3).getError().getDetailsList()).isNotEmpty();
    assertThat(stream.over).isFalse();
  }

  @Test
  void completesAfterHalfCloseOnceAllReportsAreAcknowledged() {
    HeldJob work = ann.start("a");
    ReportStreamRecorder stream = new ReportStreamRecorder(ann, Integer.MAX_VALUE);
    for (int seq = 1; seq <= 50; seq++) {
      stream.send(work, numbered(seq));
    }
    stream.call.onCompleted();
    await().until(() -> stream.over);
    assertThat(stream.failure).isNull();
    assertThat(stream.answers).hasSize(50);
  }

  @Test
  void deliversCancelsOnTheStream() {
    HeldJob work = ann.start("a");
    ReportStreamRecorder stream = new ReportStreamRecorder(ann, Integer.MAX_VALUE);
    ann.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId(work.jobId()).build());
    stream.heartbeat(work);
    stream.send(work, numbered(1));
    stream.awaitAnswers(2);
    assertThat(stream.answers)
        .allMatch(answer -> answer.getAck().getDirective() == Directive.DIRECTIVE_CANCEL);
    assertThat(ann.get(work.jobId()).getStatus().getCancel().hasDeliverTime()).isTrue();
  }

  @Test
  void stopsReadingFromAClientThatDoesNotReadItsResponses() {
    HeldJob work = ann.start("a");
    ReportStreamRecorder stream = new ReportStreamRecorder(ann, 0);
    int sent = 20_000;
    for (int i = 0; i < sent; i++) {
      stream.send(work, Report.newBuilder().putOutcomeIncrements("n", 1));
    }
    long[] before = {-1};
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              long now = ann.get(work.jobId()).getStatus().getOutcomeOrDefault("n", 0);
              boolean stands = now == before[0];
              before[0] = now;
              return stands && now > 0;
            });
    assertThat(before[0]).isLessThan(sent);
    stream.call.request(Integer.MAX_VALUE);
    stream.awaitAnswers(sent);
    assertThat(ann.get(work.jobId()).getStatus().getOutcomeOrThrow("n")).isEqualTo(sent);
  }

  @Test
  void reportsOfACancelledStreamAreCommitted() {
    HeldJob work = ann.start("a");
    ReportStreamRecorder stream = new ReportStreamRecorder(ann, Integer.MAX_VALUE);
    stream.send(work, numbered(1));
    stream.awaitAnswers(1);
    stream.call.cancel("gone", null);
    assertThat(work.report(numbered(1)).getCommittedSeq()).isEqualTo(1);
    assertThat(work.complete().getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void aStoppingServerAcknowledgesReceivedReportsBeforeItEndsTheStream() {
    HeldJob work = ann.start("a");
    ReportStreamRecorder stream = new ReportStreamRecorder(ann, Integer.MAX_VALUE);
    for (int seq = 1; seq <= 100; seq++) {
      stream.send(work, numbered(seq));
    }
    stream.awaitAnswers(100);
    server.server().close();
    await().until(() -> stream.over);
    Failure failure = Failure.of(stream.failure);
    assertThat(failure.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(failure.reason()).isEqualTo("DRAINING");
  }
}
