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
 * Tells the server how an attempt ended: first the reports that are still on their way, then the
 * end, with the last report inside. The end is told in the same words until it is answered. Used on
 * the report loop.
 */
final class AttemptFinisher {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptFinisher.class);

  /** Far beyond the lease: while the server is not heard, nobody knows that the attempt is over. */
  private static final Duration GIVE_UP = Duration.ofMinutes(10);

  private static final Duration ONE_TRY = Duration.ofSeconds(10);
  private static final int MAX_CORRECTIONS = 4;

  private final AttemptSession session;
  private final Calls calls;
  private final AttemptEnd how;
  private final CallPolicy policy;
  private final CompletableFuture<Job> result = new CompletableFuture<>();
  private Report last = Report.getDefaultInstance();
  private int corrections;

  AttemptFinisher(AttemptSession session, Reporting reporting, Calls calls, AttemptEnd how) {
    this.session = session;
    this.calls = calls;
    this.how = how;
    this.policy = new CallPolicy(GIVE_UP, ONE_TRY, true, reporting.loop());
  }

  void start() {
    session.buffer().close();
    Runnable cancelGivingUp = calls.timer().cancellable(GIVE_UP, this::giveUp);
    Futures.onDone(result, (job, thrown) -> cancelGivingUp.run());
    Futures.onDone(
        session.loss(),
        (why, never) -> {
          if (why != null) {
            result.completeExceptionally(lost(why));
          }
        });
    session.sender().drain(this::drained);
  }

  private void giveUp() {
    result.completeExceptionally(
        new ServerUnavailableException("the server could not be told how the job ended"));
  }

  /** The job after the end, once the server has answered. */
  CompletableFuture<Job> result() {
    return result;
  }

  private static JobException lost(JobException why) {
    return why instanceof ServerUnavailableException
        ? why
        : new LeaseLostException(String.valueOf(why.getMessage()), why);
  }

  private void drained() {
    session.endIsTold();
    Report rest = session.buffer().takeLast();
    if (rest != null) {
      last = rest;
    }
    tell(how);
  }

  private void tell(AttemptEnd end) {
    Futures.onDone(
        call(end),
        (job, thrown) -> {
          if (job != null) {
            result.complete(job);
          } else if (thrown != null) {
            refused(end, Futures.unwrap(thrown));
          }
        });
  }

  private CompletableFuture<Job> call(AttemptEnd end) {
    String id = session.attempt().jobId();
    String token = session.attempt().token();
    if (end instanceof AttemptEnd.Complete complete) {
      CompleteJobRequest.Builder request =
          CompleteJobRequest.newBuilder().setJobId(id).setAttemptToken(token).setReport(last);
      request.setResult(complete.result());
      return calls
          .unary(WorkerServiceGrpc.getCompleteJobMethod(), request.build(), policy)
          .thenApply(CompleteJobResponse::getJob);
    } else if (end instanceof AttemptEnd.Fail fail) {
      FailJobRequest.Builder request =
          FailJobRequest.newBuilder().setJobId(id).setAttemptToken(token).setReport(last);
      request.setError(fail.error());
      return calls
          .unary(WorkerServiceGrpc.getFailJobMethod(), request.build(), policy)
          .thenApply(FailJobResponse::getJob);
    } else if (end instanceof AttemptEnd.Release release) {
      ReleaseJobRequest.Builder request =
          ReleaseJobRequest.newBuilder().setJobId(id).setAttemptToken(token).setReport(last);
      request.setReason(Texts.cut(release.reason(), 1_024));
      return calls
          .unary(WorkerServiceGrpc.getReleaseJobMethod(), request.build(), policy)
          .thenApply(ReleaseJobResponse::getJob);
    }
    ConfirmCancelRequest.Builder request =
        ConfirmCancelRequest.newBuilder().setJobId(id).setAttemptToken(token).setReport(last);
    return calls
        .unary(WorkerServiceGrpc.getConfirmCancelMethod(), request.build(), policy)
        .thenApply(ConfirmCancelResponse::getJob);
  }

  private void refused(AttemptEnd end, Throwable thrown) {
    AttemptEnd next = ++corrections > MAX_CORRECTIONS ? null : corrected(end, thrown);
    if (next == null) {
      result.completeExceptionally(thrown);
    } else {
      LOG.warn("The end of job {} was refused; trying another.", session.attempt().jobId(), thrown);
      tell(next);
    }
  }

  /** What to say instead, so that the job ends even so; null where there is nothing left to say. */
  private @Nullable AttemptEnd corrected(AttemptEnd end, Throwable thrown) {
    if (thrown instanceof JobStateException state) {
      Long expected = ServerError.expectedSeq(state.metadata());
      if (expected != null) {
        last = last.toBuilder().setReportSeq(expected).build();
        return end;
      }
      return end instanceof AttemptEnd.Release ? new AttemptEnd.ConfirmCancel() : null;
    } else if (thrown instanceof InvalidRequestException invalid) {
      if (last.getReportSeq() != 0 && ReportRepair.concerns(invalid.violations())) {
        last =
            ReportRepair.without(last, invalid.violations(), String.valueOf(invalid.getMessage()));
        return end;
      }
      return end instanceof AttemptEnd.Complete || end instanceof AttemptEnd.Fail
          ? new AttemptEnd.Fail(refusedEnd(invalid))
          : null;
    }
    return null;
  }

  private static JobError refusedEnd(InvalidRequestException invalid) {
    return JobError.newBuilder()
        .setCode("INVALID_END")
        .setMessage("The server refused how the work ended: " + invalid.getMessage())
        .build();
  }
}
