package dev.milepost.client;

import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.CompleteJobResponse;
import dev.milepost.v1.ConfirmCancelRequest;
import dev.milepost.v1.ConfirmCancelResponse;
import dev.milepost.v1.FailJobRequest;
import dev.milepost.v1.FailJobResponse;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import dev.milepost.v1.ReleaseJobRequest;
import dev.milepost.v1.ReleaseJobResponse;
import dev.milepost.v1.Report;
import dev.milepost.v1.WorkerServiceGrpc;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the end of an attempt to the server: first waits for the reports in flight, then sends
 * the end, which carries the last report. Retries with the same request until the server responds.
 * Runs on the report loop.
 */
final class AttemptFinisher {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptFinisher.class);

  private static final Duration TRY_TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_CORRECTIONS = 8;
  private static final int MAX_REASON = 1_024;

  private final AttemptSession session;
  private final Calls calls;
  private final AttemptEnd end;
  private final Duration timeout;
  private final CallPolicy policy;
  private final CompletableFuture<Job> result = new CompletableFuture<>();

  /** The call that is open; cancelling it once the result is known ends its retries. */
  private volatile CompletableFuture<?> current = new CompletableFuture<>();

  private Report last = Report.getDefaultInstance();
  private int corrections;

  AttemptFinisher(AttemptSession session, Reporting reporting, Calls calls, AttemptEnd end) {
    this.session = session;
    this.calls = calls;
    this.end = end;
    this.timeout = reporting.endTimeout();
    this.policy = new CallPolicy(timeout, TRY_TIMEOUT, true, reporting.loop());
  }

  void start() {
    session.buffer().close();
    boolean isLost = session.loss().isDone();
    Runnable cancelTimeout = calls.timer().cancellable(timeout, this::timeOut);
    Futures.onDone(
        result,
        (job, thrown) -> {
          cancelTimeout.run();
          current.cancel(false);
        });
    Futures.onDone(
        session.loss(),
        (why, never) -> {
          if (why instanceof ServerUnavailableException && !isLost) {
            result.completeExceptionally(unknown("the client was closed", why));
          } else if (why != null) {
            result.completeExceptionally(lost(why));
          }
        });
    session.sender().drain(this::drained);
  }

  private void timeOut() {
    result.completeExceptionally(
        unknown("no response of the server within " + timeout.toMillis() + " ms", null));
  }

  private JobEndUnknownException unknown(String why, @Nullable Throwable cause) {
    return new JobEndUnknownException(session.attempt().jobId(), end, why, cause);
  }

  /** The job after its end, once the server has responded. */
  CompletableFuture<Job> result() {
    return result;
  }

  private static JobException lost(JobException why) {
    return why instanceof ServerUnavailableException ? why : new LeaseLostException(why);
  }

  private void drained() {
    session.ending();
    Report rest = session.buffer().takeLast();
    if (rest != null) {
      last = rest;
    }
    send(end);
  }

  private void send(AttemptEnd next) {
    CompletableFuture<Job> call = call(next);
    current = call;
    Futures.onDone(
        call,
        (job, thrown) -> {
          if (job != null) {
            result.complete(job);
          } else if (thrown != null) {
            rejected(next, Futures.unwrap(thrown));
          }
        });
  }

  private CompletableFuture<Job> call(AttemptEnd next) {
    String id = session.attempt().jobId();
    String token = session.attempt().token();
    if (next instanceof AttemptEnd.Complete complete) {
      CompleteJobRequest.Builder request = CompleteJobRequest.newBuilder();
      request.setJobId(id).setAttemptToken(token).setReport(last).setResult(complete.result());
      return calls
          .unary(WorkerServiceGrpc.getCompleteJobMethod(), request.build(), policy)
          .thenApply(CompleteJobResponse::getJob);
    } else if (next instanceof AttemptEnd.Fail fail) {
      FailJobRequest.Builder request = FailJobRequest.newBuilder();
      request.setJobId(id).setAttemptToken(token).setReport(last).setError(fail.error());
      return calls
          .unary(WorkerServiceGrpc.getFailJobMethod(), request.build(), policy)
          .thenApply(FailJobResponse::getJob);
    } else if (next instanceof AttemptEnd.Release release) {
      String reason = Texts.cut(release.reason(), MAX_REASON);
      ReleaseJobRequest.Builder request = ReleaseJobRequest.newBuilder();
      request.setJobId(id).setAttemptToken(token).setReport(last).setReason(reason);
      return calls
          .unary(WorkerServiceGrpc.getReleaseJobMethod(), request.build(), policy)
          .thenApply(ReleaseJobResponse::getJob);
    }
    ConfirmCancelRequest.Builder request = ConfirmCancelRequest.newBuilder();
    request.setJobId(id).setAttemptToken(token).setReport(last);
    return calls
        .unary(WorkerServiceGrpc.getConfirmCancelMethod(), request.build(), policy)
        .thenApply(ConfirmCancelResponse::getJob);
  }

  private void rejected(AttemptEnd sent, Throwable thrown) {
    AttemptEnd next = ++corrections > MAX_CORRECTIONS ? null : corrected(sent, thrown);
    if (next == null) {
      result.completeExceptionally(
          thrown instanceof ServerUnavailableException unavailable
              ? unknown(String.valueOf(unavailable.getMessage()), unavailable)
              : thrown);
    } else {
      LOG.warn(
          "Job {}: the server rejected the job's end; sending a corrected one.",
          session.attempt().jobId(),
          thrown);
      send(next);
    }
  }

  /** Returns an end that the server may accept instead; null if there is none. */
  private @Nullable AttemptEnd corrected(AttemptEnd sent, Throwable thrown) {
    if (thrown instanceof JobStateException state) {
      Long expected = ServerError.expectedSeq(state.metadata());
      if (expected != null) {
        last = last.toBuilder().setReportSeq(expected).build();
        return sent;
      }
      return sent instanceof AttemptEnd.Release ? new AttemptEnd.ConfirmCancel() : null;
    } else if (thrown instanceof InvalidRequestException invalid) {
      if (last.getReportSeq() != 0 && ReportRepair.concerns(invalid.violations())) {
        last = repaired(invalid);
        return sent;
      }
      return sent instanceof AttemptEnd.Complete || sent instanceof AttemptEnd.Fail
          ? new AttemptEnd.Fail(invalidEnd(invalid))
          : null;
    }
    return null;
  }

  /** The end matters more than its report: the last corrections leave most of it out. */
  private Report repaired(InvalidRequestException invalid) {
    String why = String.valueOf(invalid.getMessage());
    if (corrections > MAX_CORRECTIONS / 2) {
      return ReportRepair.empty(last, why);
    }
    return invalid.reason().equals(ServerError.MESSAGE_TOO_LARGE)
        ? ReportRepair.smaller(last, why)
        : ReportRepair.without(last, invalid.violations(), why);
  }

  private static JobError invalidEnd(InvalidRequestException invalid) {
    return JobError.newBuilder()
        .setCode("INVALID_END")
        .setMessage("The server rejected the end of the work: " + invalid.getMessage())
        .build();
  }
}
