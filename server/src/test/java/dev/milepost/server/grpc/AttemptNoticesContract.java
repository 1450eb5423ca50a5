package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.milepost.v1.AttemptNotice;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.Directive;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportStreamResponse;
import io.grpc.Status.Code;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A report stream gets a cancel and the loss of a lease at once and unasked, on every store. */
abstract class AttemptNoticesContract {
  private TestServer server;
  private TestClient ann;

  /** Returns the URL of an empty store. */
  protected abstract String url();

  /** Called after the server has closed the store. */
  protected void closeStore() {}

  @BeforeEach
  void start() {
    server = TestServer.inRealTime(Map.of("milepost.store", url()));
    ann = server.client();
  }

  @AfterEach
  void stop() {
    server.close();
    closeStore();
  }

  private ReportStreamRecorder stream() {
    return new ReportStreamRecorder(ann, Integer.MAX_VALUE);
  }

  private void cancel(HeldJob work, String reason) {
    ann.jobs()
        .cancelJob(CancelJobRequest.newBuilder().setJobId(work.jobId()).setReason(reason).build());
  }

  private static AttemptNotice notice(ReportStreamRecorder stream, int index) {
    ReportStreamResponse answer = stream.answers.get(index);
    assertThat(answer.hasNotice()).isTrue();
    assertThat(answer.getReportSeq()).isZero();
    return answer.getNotice();
  }

  @Test
  void aCancelArrivesAtOnceAndOnce() {
    HeldJob work = ann.start("a");
    ReportStreamRecorder stream = stream();
    stream.send(work, Report.newBuilder().setReportSeq(1));
    stream.awaitAnswers(1);

    cancel(work, "enough");
    stream.awaitAnswers(2);
    AttemptNotice notice = notice(stream, 1);
    assertThat(stream.answers.get(1).getJobId()).isEqualTo(work.jobId());
    assertThat(notice.getAttempt()).isEqualTo(1);
    assertThat(notice.getAck().getDirective()).isEqualTo(Directive.DIRECTIVE_CANCEL);
    assertThat(notice.getAck().getCommittedSeq()).isEqualTo(1);
    assertThat(notice.getAck().getCancel().getReason()).isEqualTo("enough");
    assertThat(notice.getAck().getCancel().hasGraceExpireTime()).isTrue();
    assertThat(ann.get(work.jobId()).getStatus().getCancel().hasDeliverTime()).isFalse();

    cancel(work, "again");
    stream.heartbeat(work);
    stream.awaitAnswers(3);
    assertThat(stream.answers.get(2).getAck().getDirective()).isEqualTo(Directive.DIRECTIVE_CANCEL);
    assertThat(ann.get(work.jobId()).getStatus().getCancel().hasDeliverTime()).isTrue();
  }

  @Test
  void everyStreamOfAnAttemptIsTold() {
    HeldJob work = ann.start("a");
    ReportStreamRecorder one = stream();
    ReportStreamRecorder other = stream();
    one.heartbeat(work);
    other.heartbeat(work);
    one.awaitAnswers(1);
    other.awaitAnswers(1);

    cancel(work, "");

    one.awaitAnswers(2);
    other.awaitAnswers(2);
    assertThat(notice(one, 1)).isEqualTo(notice(other, 1));
  }

  @Test
  void theEndOfTheGracePeriodArrivesAtOnce() {
    HeldJob work = ann.start(timeouts(JobTimeouts.newBuilder().setCancelGrace(seconds(1))));
    ReportStreamRecorder stream = stream();
    stream.heartbeat(work);
    stream.awaitAnswers(1);

    cancel(work, "");

    stream.awaitAnswers(3);
    assertThat(notice(stream, 1).getAck().getDirective()).isEqualTo(Directive.DIRECTIVE_CANCEL);
    assertThat(notice(stream, 2).getError().getCode()).isEqualTo(Code.ABORTED.value());
  }

  @Test
  void anAttemptTimeoutArrivesAtOnce() {
    HeldJob work = ann.start(timeouts(JobTimeouts.newBuilder().setAttempt(seconds(1))));
    ReportStreamRecorder stream = stream();
    stream.heartbeat(work);
    stream.awaitAnswers(2);
    assertThat(notice(stream, 1).getAttempt()).isEqualTo(1);
    assertThat(notice(stream, 1).getError().getCode()).isEqualTo(Code.ABORTED.value());
    assertThat(notice(stream, 1).getError().getDetailsList()).isNotEmpty();
  }

  @Test
  void theEndByItsOwnWorkerIsNoNews() {
    HeldJob ended = ann.start("a");
    HeldJob other = ann.start("a");
    ReportStreamRecorder stream = stream();
    stream.heartbeat(ended);
    stream.heartbeat(other);
    stream.awaitAnswers(2);

    ended.complete();
    stream.heartbeat(other);
    stream.awaitAnswers(3);
    cancel(other, "");

    stream.awaitAnswers(4);
    assertThat(stream.answers.subList(0, 3)).allMatch(ReportStreamResponse::hasAck);
    assertThat(stream.answers.get(3).getJobId()).isEqualTo(other.jobId());
  }

  @Test
  void aStreamThatHoldsNoAttemptIsToldNothing() {
    HeldJob work = ann.start("a");
    HeldJob own = ann.start("a");
    ReportStreamRecorder stream = stream();
    stream.heartbeat(work.withToken("guessed"));
    stream.heartbeat(own);
    stream.awaitAnswers(2);

    cancel(work, "");
    cancel(own, "");

    stream.awaitAnswers(3);
    stream.heartbeat(own);
    stream.awaitAnswers(4);
    assertThat(stream.answers.get(0).hasError()).isTrue();
    assertThat(stream.answers.get(2).getJobId()).isEqualTo(own.jobId());
    assertThat(stream.answers.get(3).hasAck()).isTrue();
  }

  private static JobSpec.Builder timeouts(JobTimeouts.Builder timeouts) {
    return JobSpec.newBuilder().setType("a").setTimeouts(timeouts);
  }

  private static Duration seconds(long seconds) {
    return Duration.newBuilder().setSeconds(seconds).build();
  }
}
