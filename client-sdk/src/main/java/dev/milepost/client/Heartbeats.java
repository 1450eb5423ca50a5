package dev.milepost.client;

import dev.milepost.v1.HeartbeatRequest;
import dev.milepost.v1.HeartbeatResponse;
import dev.milepost.v1.WorkerServiceGrpc;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends an attempt's heartbeats on one of the library's threads, whatever the handler does. Reports
 * renew the lease too, so a heartbeat is sent only if there was no response to one for an interval.
 * Continues past the expected end of the lease, because only the server knows whether it is lost.
 */
final class Heartbeats {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);
  private static final Duration MAX_TRY_TIMEOUT = Duration.ofSeconds(10);

  private final AttemptSession session;
  private final Calls calls;
  private final Duration interval;
  private final CallPolicy policy;
  private volatile Runnable cancelNext = () -> {};

  Heartbeats(AttemptSession session, Calls calls) {
    this.session = session;
    this.calls = calls;
    this.interval = session.attempt().heartbeatInterval();
    Duration perTry = interval.compareTo(MAX_TRY_TIMEOUT) < 0 ? interval : MAX_TRY_TIMEOUT;
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
    Duration toWait = interval.minus(session.sinceLastResponse());
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
      session.acknowledged(response.getAck());
      session.sender().acknowledgedByHeartbeat();
      beatIn(interval);
    } else if (thrown instanceof LeaseLostException || thrown instanceof JobNotFoundException) {
      session.lost((JobException) thrown);
    } else {
      // An outage is logged once for the client.
      if (!(thrown instanceof ServerUnavailableException)) {
        LOG.warn("Job {}: a heartbeat failed, trying again: {}", jobId(), String.valueOf(thrown));
      }
      beatIn(interval);
    }
  }

  private String jobId() {
    return session.attempt().jobId();
  }
}
