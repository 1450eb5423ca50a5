package dev.milepost.client;

import dev.milepost.v1.AttemptNotice;
import dev.milepost.v1.Directive;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportAck;
import dev.milepost.v1.ReportStreamResponse;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the reports of one attempt: in order, no more often than the server wants, and after a
 * failure again from the last committed one on. Used on the report loop only, except for the
 * methods that say otherwise.
 */
final class ReportSender {
  private static final Logger LOG = LoggerFactory.getLogger(ReportSender.class);

  /**
   * Interval until the server has sent its own. Short work is finished by then and needs no report
   * besides the one sent with its end.
   */
  private static final Duration DEFAULT_INTERVAL = Duration.ofMillis(100);

  /**
   * When the attempt asks for notices, unless its reports have by then: work that is shorter costs
   * no call for them.
   */
  private static final Duration FOLLOW_AFTER = Duration.ofMillis(250);

  /** How long the draft waits for more before it is sealed. */
  private static final Duration LINGER = Duration.ofMillis(10);

  /** Maximum number of reports in flight. */
  private static final int WINDOW = 16;

  private final AttemptSession session;
  private final EventLoop loop;
  private final ReportStream stream;
  private final Backoff backoff = Backoff.standard();
  private final AtomicBoolean waking = new AtomicBoolean();
  private Duration interval = DEFAULT_INTERVAL;
  private long lastSentNanos = System.nanoTime();
  private boolean flushScheduled;

  /** Whether the draft is to be sealed and sent, as soon as the stream takes it. */
  private boolean flushDue;

  private boolean stopped;
  private long sentSeq;
  private long dueSeq;
  private int generation;
  private @Nullable Runnable whenDrained;

  ReportSender(AttemptSession session, Reporting reporting) {
    this.session = session;
    this.loop = reporting.loop();
    this.stream = reporting.stream();
    this.sentSeq = session.attempt().grant().getCommittedSeq();
  }

  Attempt attempt() {
    return session.attempt();
  }

  /** Schedules a flush, because there is something to send. Callable on any thread. */
  void wake() {
    if (waking.compareAndSet(false, true)) {
      loop.execute(
          () -> {
            waking.set(false);
            scheduleFlush();
          });
    }
  }

  /** Asks the server for notices of a cancel, soon. Callable on any thread. */
  void start() {
    loop.runIn(
        FOLLOW_AFTER,
        () -> {
          if (!stopped && !session.isEnded()) {
            stream.follow(this);
          }
        });
  }

  /** Stops sending. Callable on any thread. */
  void stop() {
    loop.execute(
        () -> {
          stopped = true;
          stream.forget(this);
        });
  }

  private void scheduleFlush() {
    if (flushScheduled || stopped || whenDrained != null) {
      return;
    }
    flushScheduled = true;
    Duration sinceLast = Duration.ofNanos(System.nanoTime() - lastSentNanos);
    Duration wait = interval.minus(sinceLast);
    loop.runIn(wait.compareTo(LINGER) > 0 ? wait : LINGER, this::flush);
  }

  private void flush() {
    flushScheduled = false;
    if (!stopped && whenDrained == null) {
      flushDue = true;
      dueSeq = Math.max(dueSeq, session.buffer().lastSeq());
      sendDue();
    }
  }

  /**
   * Sends all sealed reports at once, then runs the callback on the loop and sends nothing more.
   * Callable on any thread.
   */
  void drain(Runnable then) {
    loop.execute(
        () -> {
          whenDrained = then;
          dueSeq = Long.MAX_VALUE;
          sendDue();
          callBackWhenDrained();
        });
  }

  private void callBackWhenDrained() {
    Runnable then = whenDrained;
    if (then != null && !stopped && session.buffer().after(0) == null) {
      stopped = true;
      then.run();
    }
  }

  /** Sends the reports that are due, as far as the window allows. */
  void sendDue() {
    sendSealed();
    if (flushDue && !stopped && whenDrained == null && isIdle()) {
      flushDue = false;
      dueSeq = session.buffer().sealDraft();
      sendSealed();
    }
  }

  private void sendSealed() {
    long committed = session.buffer().committedSeq();
    sentSeq = Math.max(sentSeq, committed);
    while (!stopped && sentSeq - committed < WINDOW) {
      Report report = session.buffer().after(sentSeq);
      if (report == null
          || report.getReportSeq() > dueSeq
          || !stream.send(this, report, generation)) {
        return;
      }
      sentSeq = report.getReportSeq();
      lastSentNanos = System.nanoTime();
    }
  }

  /**
   * Whether a report could be sent now. Until then the draft is not sealed: it conflates what is
   * reported meanwhile, where sealed reports would pile up for as long as an outage lasts.
   */
  private boolean isIdle() {
    return session.buffer().after(sentSeq) == null
        && sentSeq - session.buffer().committedSeq() < WINDOW
        && stream.isUp(this);
  }

  /** Checks whether a heartbeat has acknowledged the last reports. Callable on any thread. */
  void acknowledgedByHeartbeat() {
    loop.execute(
        () -> {
          sendDue();
          callBackWhenDrained();
        });
  }

  /** Sends again, from the last report that is known to be committed. */
  void rewind() {
    generation++;
    sentSeq = session.buffer().committedSeq();
  }

  /** Size of a report that the server has not acknowledged; 0 if there is no such report. */
  int bytes(long seq) {
    Report report = seq == ReportStream.Sent.HEARTBEAT ? null : session.buffer().after(seq - 1);
    return report == null || report.getReportSeq() != seq ? 0 : report.getSerializedSize();
  }

  /** Makes a report smaller that is too large for the server. */
  void shrink(long seq, ServerError error) {
    LOG.error("Job {}: a report is too large: {}", attempt().jobId(), error.message());
    session.buffer().replace(seq, large -> ReportRepair.smaller(large, error.message()));
  }

  /** Handles what the server says without having been asked. */
  void noticed(AttemptNotice notice) {
    if (notice.hasError()) {
      ServerError error = ServerError.of(notice.getError());
      if (CallPolicy.isLeaseLost(error)) {
        session.lost(error.toException());
      }
    } else if (notice.getAck().getDirective() == Directive.DIRECTIVE_CANCEL) {
      session.cancelRequested(notice.getAck().getCancel());
      stream.beat(this); // The server records that the worker knows.
    }
  }

  void received(ReportStream.Sent sent, ReportStreamResponse response) {
    if (sent.seq() == ReportStream.Sent.HEARTBEAT && response.hasError()) {
      ServerError error = ServerError.of(response.getError());
      if (CallPolicy.isLeaseLost(error)) {
        session.lost(error.toException());
      } else {
        LOG.debug("Job {}: a heartbeat was rejected: {}", attempt().jobId(), error.message());
      }
    } else if (response.hasAck()) {
      committed(response.getAck());
    } else if (!stopped && sent.generation() == generation) {
      rejected(sent, ServerError.of(response.getError()));
    }
  }

  private void committed(ReportAck ack) {
    backoff.reset();
    if (ack.hasMinReportInterval()) {
      interval = Times.duration(ack.getMinReportInterval());
    }
    session.acknowledged(ack);
    sendDue();
    if (session.buffer().after(dueSeq) != null) {
      scheduleFlush();
    }
    callBackWhenDrained();
  }

  private void rejected(ReportStream.Sent sent, ServerError error) {
    if (CallPolicy.isLeaseLost(error)) {
      session.lost(error.toException());
      return;
    }
    Long expected = ServerError.expectedSeq(error.metadata());
    if (expected != null) {
      LOG.info("Job {}: the server expects report {} next.", attempt().jobId(), expected);
      session.buffer().resync(expected);
      rewind();
      dueSeq = whenDrained == null ? session.buffer().lastSeq() : Long.MAX_VALUE;
      flushDue = true;
      sendDue();
      callBackWhenDrained();
      return;
    }
    Duration wait = Duration.ZERO;
    if (isPermanent(error)) {
      LOG.error("Job {}: the server rejected a report: {}", attempt().jobId(), error.message());
      session
          .buffer()
          .replace(
              sent.seq(), bad -> ReportRepair.without(bad, error.violations(), error.message()));
    } else {
      wait = backoff.next(error);
    }
    rewind();
    int current = generation;
    loop.runIn(
        wait,
        () -> {
          if (generation == current) {
            sendDue();
          }
        });
  }

  private static boolean isPermanent(ServerError error) {
    return switch (error.code()) {
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE, ALREADY_EXISTS, UNIMPLEMENTED ->
          true;
      default -> false;
    };
  }
}
