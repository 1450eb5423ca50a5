package dev.milepost.client;

import dev.milepost.v1.Report;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream that carries the reports of all attempts. When it breaks, it is reopened, and each
 * sender resumes after the last report that it knows to be committed. Used on the report loop only.
 */
final class ReportStream {
  private static final Logger LOG = LoggerFactory.getLogger(ReportStream.class);

  /** How long a report may wait for its response before the connection is replaced. */
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(15);

  private final Calls calls;
  private final EventLoop loop;
  private final Backoff backoff = Backoff.standard();
  private final Deque<Sent> inFlight = new ArrayDeque<>();
  private final Set<ReportSender> waiting = new LinkedHashSet<>();
  private @Nullable Connection connection;
  private boolean backingOff;

  /** Completes when the last stream has ended; null while streams may be opened. */
  private @Nullable CompletableFuture<Void> ending;

  ReportStream(Calls calls, EventLoop loop) {
    this.calls = calls;
    this.loop = loop;
  }

  /** Sends a report; returns false if the stream is down, and calls the sender when it is up. */
  boolean send(ReportSender sender, Report report, int generation) {
    if (backingOff || ending != null) {
      waiting.add(sender);
      return false;
    }
    Connection open = connection == null ? open() : connection;
    Attempt attempt = sender.attempt();
    inFlight.add(new Sent(sender, report.getReportSeq(), generation, System.nanoTime()));
    open.requests.onNext(
        ReportStreamRequest.newBuilder()
            .setJobId(attempt.jobId())
            .setAttemptToken(attempt.token())
            .setReport(report)
            .build());
    return true;
  }

  /**
   * Half-closes the stream, so that the server answers what it has received and ends the stream as
   * completed instead of cancelled. Nothing can be sent afterwards.
   *
   * @param ended completes when the server has done so; at once if no stream is open
   */
  void end(CompletableFuture<Void> ended) {
    ending = ended;
    if (connection == null) {
      ended.complete(null);
    } else {
      connection.requests.onCompleted();
    }
  }

  private Connection open() {
    Connection opened = new Connection();
    connection = opened;
    opened.start();
    checkLater(opened);
    return opened;
  }

  private void checkLater(Connection checked) {
    loop.runIn(
        ANSWER_TIMEOUT.dividedBy(3),
        () -> {
          if (checked != connection) {
            return;
          }
          Sent oldest = inFlight.peek();
          if (oldest != null && System.nanoTime() - oldest.nanos() > ANSWER_TIMEOUT.toNanos()) {
            checked.abandon();
          } else {
            checkLater(checked);
          }
        });
  }

  private void received(ReportStreamResponse response) {
    backoff.reset();
    Iterator<Sent> all = inFlight.iterator();
    while (all.hasNext()) {
      Sent sent = all.next();
      if (sent.seq() == response.getReportSeq()
          && sent.sender().attempt().jobId().equals(response.getJobId())) {
        all.remove();
        sent.sender().received(sent, response);
        return;
      }
    }
  }

  private void broken(ServerError error) {
    if (ending != null) {
      ending.complete(null);
      return;
    }
    Duration wait = backoff.next(error);
    LOG.info(
        "The report stream ended ({}); reopening it in {} ms.", error.message(), wait.toMillis());
    connection = null;
    backingOff = true;
    inFlight.forEach(sent -> waiting.add(sent.sender()));
    inFlight.clear();
    waiting.forEach(ReportSender::rewind);
    loop.runIn(wait, this::reopen);
  }

  private void reopen() {
    backingOff = false;
    calls.resetConnectBackoff();
    List<ReportSender> senders = List.copyOf(waiting);
    waiting.clear();
    senders.forEach(ReportSender::sendDue);
  }

  /**
   * A report in flight.
   *
   * @param generation the sender's, which changes whenever the sender rewinds
   */
  record Sent(ReportSender sender, long seq, int generation, long nanos) {}

  private final class Connection implements StreamObserver<ReportStreamResponse> {
    @SuppressWarnings("NullAway.Init") // Set by start(), before anything reads it.
    private StreamObserver<ReportStreamRequest> requests;

    void start() {
      requests = WorkerServiceGrpc.newStub(calls.channel()).withExecutor(loop).reportStream(this);
    }

    void abandon() {
      calls.replaceConnection();
      ended(Status.UNAVAILABLE.withDescription("no response").asException());
      requests.onError(Status.CANCELLED.withDescription("no response").asException());
    }

    @Override
    public void onNext(ReportStreamResponse response) {
      if (connection == this) {
        received(response);
      }
    }

    @Override
    public void onError(Throwable thrown) {
      ended(thrown);
    }

    @Override
    public void onCompleted() {
      boolean isHalfClosed = ending != null;
      ended(Status.UNAVAILABLE.withDescription("ended by the server").asException());
      if (!isHalfClosed) {
        requests.onCompleted();
      }
    }

    private void ended(Throwable thrown) {
      if (connection == this) {
        broken(ServerError.of(thrown));
      }
    }
  }
}
