package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.Report;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A report stream as its client sees it. */
final class ReportStreamRecorder
    implements ClientResponseObserver<ReportStreamRequest, ReportStreamResponse> {
  final List<ReportStreamResponse> answers = new CopyOnWriteArrayList<>();
  final int take;
  volatile ClientCallStreamObserver<ReportStreamRequest> call;
  volatile Throwable failure;
  volatile boolean over;

  ReportStreamRecorder(TestClient client, int take) {
    this.take = take;
    client.workerAsync().reportStream(this);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<ReportStreamRequest> stream) {
    call = stream;
    if (take < Integer.MAX_VALUE) {
      stream.disableAutoRequestWithInitial(take);
    }
  }

  @Override
  public void onNext(ReportStreamResponse answer) {
    answers.add(answer);
  }

  @Override
  public void onError(Throwable reason) {
    failure = reason;
    over = true;
  }

  @Override
  public void onCompleted() {
    over = true;
  }

  void send(HeldJob work, Report.Builder report) {
    call.onNext(
        ReportStreamRequest.newBuilder()
            .setJobId(work.jobId())
            .setAttemptToken(work.token())
            .setReport(report)
            .build());
  }

  void heartbeat(HeldJob work) {
    call.onNext(
        ReportStreamRequest.newBuilder()
            .setJobId(work.jobId())
            .setAttemptToken(work.token())
            .build());
  }

  void awaitAnswers(int number) {
    await().atMost(Duration.ofSeconds(20)).until(() -> over || answers.size() >= number);
    assertThat(answers).hasSize(number);
  }
}
