package dev.milepost.server.grpc;

import com.google.rpc.Status;
import dev.milepost.server.access.Caller;
import dev.milepost.v1.ReportAck;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One stream of reports. It takes in a bounded number that are not answered yet, and answers them
 * in their order, whatever order they are decided in. Who does not read its answers is not read
 * from either.
 */
final class ReportStream implements StreamObserver<ReportStreamRequest> {
  private static final int MOST_UNANSWERED = 128;

  private final Caller caller;
  private final Reports reports;
  private final ServerCallStreamObserver<ReportStreamResponse> out;
  private final Consumer<ReportStream> ended;
  private final Context context = Context.current();

  // Guarded by this.
  private final ArrayDeque<CompletableFuture<ReportStreamResponse>> unanswered = new ArrayDeque<>();
  private int owedRequests;
  private boolean halfClosed;
  private boolean over;
  private @Nullable Throwable ending;

  /** Must be made before the service method returns. */
  ReportStream(
      Caller caller,
      Reports reports,
      ServerCallStreamObserver<ReportStreamResponse> out,
      Consumer<ReportStream> ended) {
    this.caller = caller;
    this.reports = reports;
    this.out = out;
    this.ended = ended;
    out.disableAutoRequest();
    out.setOnReadyHandler(this::answerWhatIsDone);
    out.setOnCancelHandler(this::hungUp);
    out.request(MOST_UNANSWERED);
  }

  @Override
  public void onNext(ReportStreamRequest request) {
    CompletableFuture<ReportStreamResponse> answer;
    synchronized (this) {
      if (over || ending != null) {
        return; // Its sender gets no acknowledgement, and so sends it again elsewhere.
      }
      answer =
          decide(request)
              .thenApply(ack -> response(request).setAck(ack).build())
              .exceptionally(failure -> response(request).setError(statusOf(failure)).build())
              .toCompletableFuture();
      unanswered.addLast(answer);
    }
    var unused = answer.whenComplete((response, failure) -> answerWhatIsDone());
  }

  private CompletionStage<ReportAck> decide(ReportStreamRequest request) {
    try {
      return request.hasReport()
          ? reports.report(
              caller, request.getJobId(), request.getAttemptToken(), request.getReport())
          : reports.heartbeat(caller, request.getJobId(), request.getAttemptToken());
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** In the context of the call, so that what is logged carries its request id. */
  private Status statusOf(Throwable failure) {
    Context before = context.attach();
    try {
      return ErrorMap.toStatus(failure);
    } finally {
      context.detach(before);
    }
  }

  private static ReportStreamResponse.Builder response(ReportStreamRequest request) {
    return ReportStreamResponse.newBuilder()
        .setJobId(request.getJobId())
        .setReportSeq(request.getReport().getReportSeq());
  }

  private synchronized void answerWhatIsDone() {
    if (over) {
      return;
    }
    for (CompletableFuture<ReportStreamResponse> head = unanswered.peekFirst();
        head != null && head.isDone();
        head = unanswered.peekFirst()) {
      unanswered.removeFirst();
      out.onNext(head.join());
      owedRequests++;
    }
    if (owedRequests > 0 && out.isReady()) {
      out.request(owedRequests);
      owedRequests = 0;
    }
    if (unanswered.isEmpty() && ending != null) {
      finish();
      out.onError(ErrorMap.toException(ending));
    } else if (unanswered.isEmpty() && halfClosed) {
      finish();
      out.onCompleted();
    }
  }

  /** Ends the stream for a reason, after what it has taken in is answered. */
  void endWith(Throwable reason) {
    synchronized (this) {
      ending = reason;
    }
    answerWhatIsDone();
  }

  @Override
  public void onError(Throwable failure) {
    hungUp();
  }

  @Override
  public void onCompleted() {
    synchronized (this) {
      halfClosed = true;
    }
    answerWhatIsDone();
  }

  private synchronized void hungUp() {
    finish();
  }

  private void finish() {
    over = true;
    unanswered.clear();
    ended.accept(this);
  }
}
