package dev.milepost.client;

import dev.milepost.v1.Report;
import dev.milepost.v1.ReportAck;
import dev.milepost.v1.ReportStreamResponse;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the reports of one attempt: in order, not more often than the server wants, and again from
 * the last committed one where something went wrong. Used on the report loop, but for {@link
 * #wake}.
 */
final class ReportSender {
  private static final Logger LOG = LoggerFactory.getLogger(ReportSender.class);

  /**
   * Until the server has said how often it wants to hear. Short work is over by then and needs no
   * report at all.
   */
  private static final Duration FIRST_INTERVAL = Duration.ofMillis(100);

  /** What is said at about the same time goes together. */
  private static final Duration LINGER = Duration.ofMillis(10);

  /** Reports on their way at the same time. */
  private static final int WINDOW = 16;

  private final AttemptSession session;
  private final Reporting reporting;
  private final Backoff backoff = Backoff.standard();
  private final AtomicBoolean waking = new AtomicBoolean();
  private Duration interval = FIRST_INTERVAL;
  private long lastSentNanos = System.nanoTime();
  private boolean flushPlanned;
  private boolean stopped;
  private long sentSeq;
  private long dueSeq;
  private int generation;
  private @Nullable Runnable whenDrained;

  ReportSender(AttemptSession session, Reporting reporting) {
    this.session = session;
    this.reporting = reporting;
    this.sentSeq = session.attempt().grant().getCommittedSeq();
  }

  Attempt attempt() {
    return session.attempt();
  }

  /** There is something to send. On any thread. */
  void wake() {
    if (waking.compareAndSet(false, true)) {
      reporting.run(
          () -> {
            waking.set(false);
            plan();
          });
    }
  }

  /** Nothing is sent any more. On any thread. */
  void stop() {
    reporting.run(() -> stopped = true);
  }

  private void plan() {
    if (flushPlanned || stopped || whenDrained != null) {
      return;
    }
    flushPlanned = true;
    Duration sinceLast = Duration.ofNanos(System.nanoTime() - lastSentNanos);
    Duration wait = interval.minus(sinceLast);
    reporting.runIn(wait.compareTo(LINGER) > 0 ? wait : LINGER, this::flush);
  }

  private void flush() {
    flushPlanned = false;
    if (!stopped && whenDrained == null) {
      dueSeq = session.buffer().sealDraft();
      sendDue();
    }
  }

  /** Sends what is left at once and then calls back, on the loop; sends nothing after that. */
  void drain(Runnable then) {
    reporting.run(
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

  /** Sends what is due and fits into the window. */
  void sendDue() {
    long committed = session.buffer().committedSeq();
    sentSeq = Math.max(sentSeq, committed);
    while (!stopped && sentSeq - committed < WINDOW) {
      Report report = session.buffer().after(sentSeq);
      if (report == null
          || report.getReportSeq() > dueSeq
          || !reporting.stream().send(this, report, generation)) {
        return;
      }
      sentSeq = report.getReportSeq();
      lastSentNanos = System.nanoTime();
    }
  }

  /** A heartbeat may have told that what was sent had arrived, too. On any thread. */
  void heardElsewhere() {
    reporting.run(this::callBackWhenDrained);
  }

  /** The stream broke: what is not known to be committed is sent again. */
  void rewind() {
    generation++;
    sentSeq = session.buffer().committedSeq();
  }

  void answered(ReportStream.Sent sent, ReportStreamResponse response) {
    if (response.hasAck()) {
      committed(response.getAck());
    } else if (!stopped && sent.generation() == generation) {
      refused(sent, ServerError.of(response.getError()));
    }
  }

  private void committed(ReportAck ack) {
    backoff.reset();
    if (ack.hasMinReportInterval()) {
      interval = Times.duration(ack.getMinReportInterval());
    }
    session.heard(ack);
    sendDue();
    if (session.buffer().after(dueSeq) != null) {
      plan();
    }
    callBackWhenDrained();
  }

  private void refused(ReportStream.Sent sent, ServerError error) {
    if (CallPolicy.isEndOfAttempt(error)) {
      session.lost(error.toException());
      return;
    }
    Long expected = ServerError.expectedSeq(error.metadata());
    if (expected != null) {
      LOG.info("Job {} expects report {} next.", attempt().jobId(), expected);
      session.buffer().resync(expected);
      rewind();
      dueSeq = whenDrained == null ? session.buffer().sealDraft() : Long.MAX_VALUE;
      sendDue();
      callBackWhenDrained();
      return;
    }
    Duration wait = Duration.ZERO;
    if (isOfNoUse(error)) {
      LOG.error("Job {}: a report was refused: {}", attempt().jobId(), error.message());
      session
          .buffer()
          .replace(
              sent.seq(), bad -> ReportRepair.without(bad, error.violations(), error.message()));
    } else {
      wait = backoff.next(error);
    }
    rewind();
    int mine = generation;
    reporting.runIn(
        wait,
        () -> {
          if (generation == mine) {
            sendDue();
          }
        });
  }

  private static boolean isOfNoUse(ServerError error) {
    return switch (error.code()) {
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE, ALREADY_EXISTS, UNIMPLEMENTED ->
          true;
      default -> false;
    };
  }
}
