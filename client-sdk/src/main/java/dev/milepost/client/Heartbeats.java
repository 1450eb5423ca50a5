package dev.milepost.client;

import dev.milepost.v1.HeartbeatRequest;
import dev.milepost.v1.HeartbeatResponse;
import dev.milepost.v1.WorkerServiceGrpc;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the server hear of one attempt, on a thread of the library's own, whatever the handler does.
 * Reports are heard as well: a heartbeat is sent only where there was none for a while. Goes on
 * past the lease's end: the server alone knows when it gives up.
 */
final class Heartbeats {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);
  private static final Duration LONGEST_TRY = Duration.ofSeconds(10);

  private final AttemptSession session;
  private final Calls calls;
  private final Duration interval;
  private final CallPolicy policy;
  private volatile Runnable cancelNext = () -> {};

  Heartbeats(AttemptSession session, Calls calls) {
    this.session = session;
    this.calls = calls;
    this.interval = session.attempt().heartbeatInterval();
    Duration perTry = interval.compareTo(LONGEST_TRY) < 0 ? interval : LONGEST_TRY;
    this.policy = new CallPolicy(session.attempt().lease(), perTry, true, calls.timer());
  }

  void start() {
    beatIn(interval);
  }

  void stop() {
    cancelNext.run();
  }

  private void beatIn(Duration wait) {
    if (!session.isEnded()) {
      cancelNext = calls.timer().cancellable(wait, this::beat);
    }
  }

  private void beat() {
    Duration toWait = interval.minus(session.silence());
    if (session.isEnded()) {
      return;
    } else if (!toWait.isNegative() && !toWait.isZero()) {
      beatIn(toWait);
      return;
    }
    HeartbeatRequest request =
        HeartbeatRequest.newBuilder()
            .setJobId(jobId())
            .setAttemptToken(session.attempt().token())
            .build();
    Futures.onDone(
        calls.unary(WorkerServiceGrpc.getHeartbeatMethod(), request, policy), this::answered);
  }

  private void answered(@Nullable HeartbeatResponse response, @Nullable Throwable thrown) {
    if (response != null) {
      session.heard(response.getAck());
      session.sender().heardElsewhere();
      beatIn(interval);
    } else if (thrown instanceof LeaseLostException || thrown instanceof JobNotFoundException) {
      session.lost((JobException) thrown);
    } else {
      LOG.warn(
          "The server does not hear of job {}; trying on: {}", jobId(), String.valueOf(thrown));
      beatIn(interval);
    }
  }

  private String jobId() {
    return session.attempt().jobId();
  }
}
