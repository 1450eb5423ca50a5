package dev.milepost.server.grpc;

import dev.milepost.server.access.Caller;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.Times;
import dev.milepost.server.job.Transitions;
import dev.milepost.server.watch.JobWatchHub;
import dev.milepost.server.watch.JobWatchOptions;
import dev.milepost.server.watch.JobWatchSink;
import dev.milepost.server.watch.Watch;
import dev.milepost.server.watch.WatchException;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.WaitJobRequest;
import dev.milepost.v1.WaitJobResponse;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Follows jobs for callers: as a stream, or until the end. */
final class JobWatches {
  private static final Duration DEFAULT_WAIT = Duration.ofSeconds(30);
  static final Duration LONGEST_WAIT = Duration.ofHours(1);
  private static final Duration TIME_TO_ANSWER = Duration.ofSeconds(1);

  private final JobAccess access;
  private final JobWatchHub hub;
  private final ScheduledExecutorService timer;
  private final Reauthorisation reauthorisation;

  JobWatches(
      JobAccess access,
      JobWatchHub hub,
      ScheduledExecutorService timer,
      Reauthorisation reauthorisation) {
    this.access = access;
    this.hub = hub;
    this.timer = timer;
    this.reauthorisation = reauthorisation;
  }

  void watch(Caller caller, WatchJobRequest request, StreamObserver<WatchJobResponse> observer) {
    WatchStream stream =
        new WatchStream(
            (ServerCallStreamObserver<WatchJobResponse>) observer, request.getAfterSequence());
    Context call = Context.current();
    try {
      FieldChecks violations = new FieldChecks();
      violations.check(request.getAfterSequence() >= 0, "after_sequence", "must not be negative");
      violations.known("min_level", request.getMinLevel() != LogLevel.UNRECOGNIZED);
      violations.check(
          !request.getOmitStatus() || !request.getOmitJournal(),
          "omit_journal",
          "must not be set with omit_status");
      violations.orThrow();
      JobWatchOptions options =
          new JobWatchOptions(
              request.getAfterSequence(),
              request.getMinLevel(),
              request.getOmitStatus(),
              request.getOmitJournal());
      access
          .read(caller, request.getJobId())
          .whenComplete(
              (record, failure) -> {
                if (failure != null) {
                  stream.failed(failure);
                } else {
                  Watch watch = hub.open(JobKey.of(record), options, stream);
                  stream.follow(watch);
                  call.run(() -> reauthorisation.watch(watch::end));
                }
              });
    } catch (RuntimeException e) {
      stream.failed(e);
    }
  }

  CompletionStage<WaitJobResponse> await(Caller caller, WaitJobRequest request) {
    FieldChecks violations = new FieldChecks();
    violations.duration("wait", request.getWait(), 0, LONGEST_WAIT.toSeconds());
    JobValidation.jobId(violations, "job_id", request.getJobId());
    violations.orThrow();
    Duration wait = request.hasWait() ? Times.duration(request.getWait()) : DEFAULT_WAIT;
    return awaitEnd(caller, request.getJobId(), wait)
        .thenApply(job -> WaitJobResponse.newBuilder().setJob(job).build());
  }

  /**
   * Waits until a job has finished, and gives it as it then is. Where the time is over first, that
   * is the job as it is by then.
   *
   * @param most longest wait; it ends before the call's own deadline too
   */
  CompletionStage<Job> awaitEnd(Caller caller, String jobId, Duration most) {
    Context call = Context.current();
    return access
        .read(caller, jobId)
        .thenCompose(
            record -> {
              FinishedJob finished = new FinishedJob(record.getJob());
              Duration wait = beforeDeadline(call, most);
              if (wait.isZero() || finished.isFinished()) {
                return CompletableFuture.completedFuture(record.getJob());
              }
              call.run(() -> reauthorisation.watch(finished::failed));
              return finished.within(hub, wait, timer, call);
            });
  }

  /** An answer that comes with the deadline comes too late: it needs some of the time itself. */
  private static Duration beforeDeadline(Context call, Duration most) {
    Deadline deadline = call.getDeadline();
    if (deadline == null) {
      return most;
    }
    long left = Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS));
    Duration wait = Duration.ofNanos(left - Math.min(left / 10, TIME_TO_ANSWER.toNanos()));
    return wait.compareTo(most) < 0 ? wait : most;
  }

  /** Waits for a job's end, and keeps the latest of it meanwhile. */
  private static final class FinishedJob implements JobWatchSink {
    private final CompletableFuture<Job> end = new CompletableFuture<>();
    private volatile Job latest;

    FinishedJob(Job latest) {
      this.latest = latest;
    }

    boolean isFinished() {
      return Transitions.isFinished(latest.getStatus().getState());
    }

    /** Ends early where the call is over, because its caller has hung up. */
    CompletionStage<Job> within(
        JobWatchHub hub, Duration wait, ScheduledExecutorService timer, Context call) {
      ScheduledFuture<?> timeout;
      try {
        timeout = timer.schedule(() -> end.complete(latest), wait.toNanos(), TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        return CompletableFuture.failedFuture(new WatchException.Draining());
      }
      Watch watch = hub.open(JobKey.of(latest), JobWatchOptions.STATUS_ONLY, this);
      Context.CancellationListener hungUp = over -> end.complete(latest);
      call.addListener(hungUp, Runnable::run);
      return end.whenComplete(
          (job, failure) -> {
            call.removeListener(hungUp);
            timeout.cancel(false);
            watch.close();
          });
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void next(WatchJobResponse step) {
      if (step.hasJob()) {
        latest = step.getJob();
      } else if (step.hasStatus()) {
        JobStatus status = step.getStatus();
        latest = latest.toBuilder().setStatus(status).build();
      }
    }

    @Override
    public void completed() {
      end.complete(latest);
    }

    @Override
    public void failed(Throwable reason) {
      end.completeExceptionally(reason);
    }
  }
}
