package dev.milepost.server.grpc;

import com.google.rpc.Status;
import dev.milepost.server.access.Caller;
import dev.milepost.server.app.Reports;
import dev.milepost.v1.ReportAck;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One stream of reports. It takes in a bounded number, and a bounded size, that are not answered
 * yet, and answers them in their order, whatever order they are decided in. Who does not read its
 * answers is not read from either.
 */
final class ReportStream implements StreamObserver<ReportStreamRequest> {
  private static final int MOST_UNANSWERED = 128;
  private static final long MOST_UNANSWERED_BYTES = 4 * 1024 * 1024;

  /** Few, since each may be as large as a message can be. */
  private static final int ASKED_AHEAD = 4;

  private final Caller caller;
  private final Reports reports;
  private final ServerCallStreamObserver<ReportStreamResponse> out;
  private final Context context = Context.current();
  private final Executor loop = EventLoops.current();
  private final AtomicBoolean lookPlanned = new AtomicBoolean();

  // Guarded by this.
  private final ArrayDeque<Unanswered> unanswered = new ArrayDeque<>();
  private long unansweredBytes;

  /** Messages that may still come without being asked for again. */
  private int asked = ASKED_AHEAD;

  private boolean halfClosed;
  private boolean over;
  private @Nullable Throwable ending;

  /** Must be made before the service method returns. */
  ReportStream(Caller caller, Reports reports, ServerCallStreamObserver<ReportStreamResponse> out) {
    this.caller = caller;
    this.reports = reports;
    this.out = out;
    out.disableAutoRequest();
    out.setOnReadyHandler(this::answerWhatIsDone);
    out.setOnCancelHandler(this::hungUp);
    out.request(ASKED_AHEAD);
  }

  @Override
  public void onNext(ReportStreamRequest request) {
    Unanswered report;
    CompletionStage<ReportAck> decided;
    synchronized (this) {
      if (over || ending != null) {
        return; // Its sender gets no acknowledgement, and so sends it again elsewhere.
      }
      asked--;
      report = new Unanswered(request);
      unanswered.addLast(report);
      unansweredBytes += report.bytes;
      decided = decide(request);
      askForMore();
    }
    var unused =
        decided.whenComplete(
            (ack, failure) -> {
              report.ack = ack;
              report.failure = failure;
              report.decided = true;
              // One look answers all that were decided together.
              if (lookPlanned.compareAndSet(false, true)) {
                loop.execute(this::look);
              }
            });
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

  private ReportStreamResponse answer(Unanswered report) {
    ReportStreamResponse.Builder answer =
        ReportStreamResponse.newBuilder()
            .setJobId(report.request.getJobId())
            .setReportSeq(report.request.getReport().getReportSeq());
    Throwable failure = report.failure;
    return failure == null
        ? answer.setAck(Objects.requireNonNull(report.ack)).build()
        : answer.setError(statusOf(failure)).build();
  }

  private void look() {
    lookPlanned.set(false);
    answerWhatIsDone();
  }

  private synchronized void answerWhatIsDone() {
    if (over) {
      return;
    }
    for (Unanswered head = unanswered.peekFirst();
        head != null && head.decided;
        head = unanswered.peekFirst()) {
      unanswered.removeFirst();
      unansweredBytes -= head.bytes;
      out.onNext(answer(head));
    }
    askForMore();
    if (unanswered.isEmpty() && ending != null) {
      finish();
      out.onError(ErrorMap.toException(ending));
    } else if (unanswered.isEmpty() && halfClosed) {
      finish();
      out.onCompleted();
    }
  }

  /** A few messages ahead, while what is taken in is little and its answers are read. */
  private void askForMore() {
    boolean full =
        unanswered.size() + asked >= MOST_UNANSWERED || unansweredBytes >= MOST_UNANSWERED_BYTES;
    if (asked < ASKED_AHEAD && !full && out.isReady()) {
      int more = ASKED_AHEAD - asked;
      // First the count: on the call's own event loop, what has come already is handed in at once.
      asked = ASKED_AHEAD;
      out.request(more);
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
  }

  /** A report that was taken in, and what came of it. */
  private static final class Unanswered {
    private final ReportStreamRequest request;
    private final int bytes;

    /** One of the two is set before it is decided. */
    private @Nullable ReportAck ack;

    private @Nullable Throwable failure;
    private volatile boolean decided;

    Unanswered(ReportStreamRequest request) {
      this.request = request;
      this.bytes = request.getSerializedSize();
    }
  }
}
