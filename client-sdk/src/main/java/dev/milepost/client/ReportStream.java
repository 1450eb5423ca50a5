package dev.milepost.client;

import dev.milepost.v1.AttemptNotice;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream that carries the reports of all attempts, and the server's notices to them. When it
 * breaks, it is reopened, and each sender resumes after the last report that it knows to be
 * committed. Used on the report loop only.
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

  /** The running attempts that want notices, by job. */
  private final Map<String, ReportSender> followed = new LinkedHashMap<>();

  /** Those of them that the server knows of, since they have used this connection. */
  private final Set<ReportSender> introduced = new HashSet<>();

  private @Nullable Connection connection;

  /** When the connection was opened, and whether anything was received on it. */
  private long openedNanos;

  private boolean received;
  private boolean backingOff;

  /** Completes when the last stream has ended; null while streams may be opened. */
  private @Nullable CompletableFuture<Void> ending;

  ReportStream(Calls calls, EventLoop loop) {
    this.calls = calls;
    this.loop = loop;
  }

  /** Whether reports can be sent; if not, calls the sender when they can. */
  boolean isUp(ReportSender sender) {
    if (backingOff || ending != null) {
      waiting.add(sender);
      return false;
    }
    return true;
  }

  /** Sends a report; returns false if the stream is down, and calls the sender when it is up. */
  boolean send(ReportSender sender, Report report, int generation) {
    if (!isUp(sender)) {
      return false;
    }
    send(sender, report.getReportSeq(), generation, request(sender).setReport(report).build());
    return true;
  }

  private void send(ReportSender sender, long seq, int generation, ReportStreamRequest request) {
    Connection open = connection == null ? open() : connection;
    introduced.add(sender);
    inFlight.add(new Sent(sender, seq, generation, System.nanoTime()));
    open.requests.onNext(request);
  }

  private static ReportStreamRequest.Builder request(ReportSender sender) {
    return ReportStreamRequest.newBuilder()
        .setJobId(sender.attempt().jobId())
        .setAttemptToken(sender.attempt().token());
  }

  /**
   * Sends a heartbeat on the stream, so that the server knows which attempts to notify, or that a
   * notice has arrived. Does nothing while the stream is down.
   */
  void beat(ReportSender sender) {
    if (!backingOff && ending == null) {
      send(sender, Sent.HEARTBEAT, 0, request(sender).build());
    }
  }

  /** Passes the server's notices on to a sender from now on, until {@link #forget}. */
  void follow(ReportSender sender) {
    followed.put(sender.attempt().jobId(), sender);
    if (!introduced.contains(sender)) {
      beat(sender);
    }
  }

  /** Passes no more notices on to a sender. */
  void forget(ReportSender sender) {
    followed.remove(sender.attempt().jobId(), sender);
    introduced.remove(sender);
    waiting.remove(sender);
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
    openedNanos = System.nanoTime();
    received = false;
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
    received = true;
    calls.connectivity().answered();
    if (response.hasNotice()) {
      noticed(response.getJobId(), response.getNotice());
      return;
    }
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

  private void noticed(String jobId, AttemptNotice notice) {
    ReportSender sender = followed.get(jobId);
    if (sender != null && sender.attempt().grant().getAttempt() == notice.getAttempt()) {
      sender.noticed(notice);
    }
  }

  private void broken(ServerError error) {
    if (ending != null) {
      ending.complete(null);
      return;
    }
    Duration wait = backoff.next(error);
    if (!received) {
      var unused = calls.diagnose(error, openedNanos); // An outage is logged once for the client.
    }
    LOG.debug(
        "The report stream ended ({}); reopening it in {} ms.", error.message(), wait.toMillis());
    connection = null;
    backingOff = true;
    inFlight.forEach(sent -> waiting.add(sent.sender()));
    if (error.isTooLarge()) {
      shrinkLargest(error);
    }
    inFlight.clear();
    introduced.clear();
    waiting.forEach(ReportSender::rewind);
    loop.runIn(wait, this::reopen);
  }

  /** The server does not say which report it found too large, and would find it so again. */
  private void shrinkLargest(ServerError error) {
    Sent largest = null;
    int bytes = 0;
    for (Sent sent : inFlight) {
      int of = sent.sender().bytes(sent.seq());
      if (of > bytes) {
        largest = sent;
        bytes = of;
      }
    }
    if (largest != null) {
      largest.sender().shrink(largest.seq(), error);
    }
  }

  private void reopen() {
    backingOff = false;
    calls.resetConnectBackoff();
    List<ReportSender> senders = List.copyOf(waiting);
    waiting.clear();
    senders.forEach(ReportSender::sendDue);
    List.copyOf(followed.values()).forEach(this::follow);
  }

  /**
   * A report or heartbeat in flight.
   *
   * @param generation the sender's, which changes whenever the sender rewinds
   */
  record Sent(ReportSender sender, long seq, int generation, long nanos) {
    /** The number of a heartbeat: reports are numbered from 1. */
    static final long HEARTBEAT = 0;
  }

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
