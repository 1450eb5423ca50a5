package dev.milepost.server.grpc;

import com.google.rpc.Status;
import dev.milepost.server.access.Caller;
import dev.milepost.server.app.ReportSession;
import dev.milepost.server.app.Reports;
import dev.milepost.server.transport.CallBytes;
import dev.milepost.server.transport.EventLoops;
import dev.milepost.v1.ReportAck;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Receives a stream of reports and answers them in order, whatever order they are decided in.
 * Between the answers, it sends the notices of the attempts that it follows. Buffers a bounded
 * number of bytes and reports that are not answered yet, and stops reading from a peer that does
 * not read its responses.
 */
final class ReportStream implements StreamObserver<ReportStreamRequest> {
  private static final int MOST_UNANSWERED = 128;
  private static final long MOST_UNANSWERED_BYTES = 4 * 1024 * 1024;

  /** Small, since each message may have the maximum size. */
  private static final int MAX_REQUESTED = 4;

  private final ReportSession session;
  private final ServerCallStreamObserver<ReportStreamResponse> out;
  private final Context context = Context.current();
  private final Executor loop = EventLoops.current();
  private final @Nullable CallBytes inFlight = CallBytes.current();
  private final AtomicBoolean lookPlanned = new AtomicBoolean();

  // Guarded by this.
  private final ArrayDeque<Unanswered> unanswered = new ArrayDeque<>();
  private long unansweredBytes;

  /** Messages requested from the transport and not received yet. */
  private int asked = MAX_REQUESTED;

  private boolean halfClosed;
  private boolean over;
  private @Nullable Throwable ending;

  /** Must be created before the service method returns. */
  ReportStream(Caller caller, Reports reports, ServerCallStreamObserver<ReportStreamResponse> out) {
    this.out = out;
    this.session = reports.open(caller, this::planLook);
    out.disableAutoRequest();
    out.setOnReadyHandler(this::answerWhatIsDone);
    out.setOnCancelHandler(this::hungUp);
    out.request(MAX_REQUESTED);
  }

  @Override
  public void onNext(ReportStreamRequest request) {
    Unanswered report;
    CompletionStage<Reports.Committed> decided;
    synchronized (this) {
      if (over || ending != null) {
        return; // Its sender gets no acknowledgement, and so sends it again elsewhere.
      }
      asked--;
      report = new Unanswered(request);
      unanswered.addLast(report);
      unansweredBytes += report.bytes;
      hold(report.bytes);
      decided = session.report(request);
      requestMore();
    }
    var unused =
        decided.whenComplete(
            (committed, failure) -> {
              report.ack = committed == null ? null : committed.ack();
              report.failure = failure;
              report.decided = true;
              planLook();
            });
  }

  /** Answers all reports that were decided together. */
  private void planLook() {
    if (lookPlanned.compareAndSet(false, true)) {
      loop.execute(this::look);
    }
  }

  /** Runs in the context of the call, so that log lines carry its request id. */
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

  private void hold(long bytes) {
    if (inFlight != null) {
      inFlight.hold(bytes);
    }
  }

  private void look() {
    lookPlanned.set(false);
    answerWhatIsDone();
  }

  private synchronized void answerWhatIsDone() {
    if (over) {
      return;
    }
    try {
      answerAll();
    } catch (RuntimeException | Error e) {
      finish();
      out.onError(ErrorMap.toException(e));
    }
  }

  private void answerAll() {
    for (Unanswered head = unanswered.peekFirst();
        head != null && head.decided;
        head = unanswered.peekFirst()) {
      unanswered.removeFirst();
      unansweredBytes -= head.bytes;
      hold(-head.bytes);
      out.onNext(answer(head));
    }
    sendNotices();
    requestMore();
    if (unanswered.isEmpty() && ending != null) {
      finish();
      out.onError(ErrorMap.toException(ending));
    } else if (unanswered.isEmpty() && halfClosed) {
      finish();
      out.onCompleted();
    }
  }

  /** A peer that does not read gets its notices later: the session holds one for each attempt. */
  private void sendNotices() {
    while (out.isReady()) {
      ReportStreamResponse notice = session.next();
      if (notice == null) {
        return;
      }
      out.onNext(notice);
    }
  }

  /** Requests messages ahead while few reports are buffered and the peer reads its responses. */
  private void requestMore() {
    boolean full =
        unanswered.size() + asked >= MOST_UNANSWERED || unansweredBytes >= MOST_UNANSWERED_BYTES;
    if (asked < MAX_REQUESTED && !full && out.isReady()) {
      int more = MAX_REQUESTED - asked;
      // Update the count first: on the call's event loop, received messages are delivered at once.
      asked = MAX_REQUESTED;
      out.request(more);
    }
  }

  /** Fails the stream after what it has received is answered. */
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
    session.close();
  }

  /** A received report and its result. */
  private static final class Unanswered {
    private final ReportStreamRequest request;
    private final int bytes;

    /** Exactly one of the two is set when the report is decided. */
    private @Nullable ReportAck ack;

    private @Nullable Throwable failure;
    private volatile boolean decided;

    Unanswered(ReportStreamRequest request) {
      this.request = request;
      this.bytes = request.getSerializedSize();
    }
  }
}
