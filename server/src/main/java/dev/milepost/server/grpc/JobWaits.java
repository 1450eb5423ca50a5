package dev.milepost.server.grpc;

import dev.milepost.server.access.Caller;
import dev.milepost.server.app.JobAccess;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.Times;
import dev.milepost.server.job.Transitions;
import dev.milepost.server.watch.JobWatchHub;
import dev.milepost.server.watch.JobWatchOptions;
import dev.milepost.server.watch.Watch;
import dev.milepost.server.watch.WatchException;
import dev.milepost.server.watch.WatchSink;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.WaitJobRequest;
import dev.milepost.v1.WaitJobResponse;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.Context;
import io.grpc.Deadline;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Calls that wait until a job has finished. */
@Singleton
public final class JobWaits {
  private static final Duration DEFAULT_WAIT = Duration.ofSeconds(30);
  public static final Duration MAX_WAIT = Duration.ofHours(1);
  private static final Duration MAX_RESPONSE_TIME = Duration.ofSeconds(1);

  private final JobAccess access;
  private final JobWatchHub hub;
  private final ScheduledExecutorService timer;
  private final Reauthorization reauthorization;

  @Inject
  JobWaits(
      JobAccess access,
      JobWatchHub hub,
      ScheduledExecutorService timer,
      Reauthorization reauthorization) {
    this.access = access;
    this.hub = hub;
    this.timer = timer;
    this.reauthorization = reauthorization;
  }

  /** Waits until a job has finished or the requested time has passed. */
  public CompletionStage<WaitJobResponse> await(Caller caller, WaitJobRequest request) {
    FieldChecks checks = new FieldChecks();
    checks.duration("wait", request.getWait(), 0, MAX_WAIT.toSeconds());
    JobValidation.jobId(checks, "job_id", request.getJobId());
    checks.orThrow();
    Duration wait = request.hasWait() ? Times.duration(request.getWait()) : DEFAULT_WAIT;
    return awaitEnd(caller, request.getJobId(), wait)
        .thenApply(job -> WaitJobResponse.newBuilder().setJob(job).build());
  }

  /**
   * Waits until a job has finished, and returns it. If the wait ends first, returns the job as it
   * is then.
   *
   * @param maxWait how long to wait; the wait also ends before the deadline of the current call
   */
  public CompletionStage<Job> awaitEnd(Caller caller, String jobId, Duration maxWait) {
    Context call = Context.current();
    return access
        .read(caller, jobId)
        .thenCompose(
            record -> {
              FinishedJob finished = new FinishedJob(record.getJob());
              Duration wait = beforeDeadline(call, maxWait);
              if (wait.isZero() || finished.isFinished()) {
                return CompletableFuture.completedFuture(record.getJob());
              }
              call.run(() -> reauthorization.watch(finished::fail));
              return finished.within(hub, wait, timer, call);
            });
  }

  /** Shortens a wait so that the response can arrive before the deadline of the call. */
  private static Duration beforeDeadline(Context call, Duration maxWait) {
    Deadline deadline = call.getDeadline();
    if (deadline == null) {
      return maxWait;
    }
    long left = Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS));
    Duration wait = Duration.ofNanos(left - Math.min(left / 10, MAX_RESPONSE_TIME.toNanos()));
    return wait.compareTo(maxWait) < 0 ? wait : maxWait;
  }

  /** Receives a job's changes until it has finished. */
  private static final class FinishedJob implements WatchSink<WatchJobResponse> {
    private final CompletableFuture<Job> end = new CompletableFuture<>();
    private volatile Job latest;

    FinishedJob(Job latest) {
      this.latest = latest;
    }

    boolean isFinished() {
      return Transitions.isFinished(latest.getStatus().getState());
    }

    /** Waits for the end; stops early if the call is cancelled. */
    CompletionStage<Job> within(
        JobWatchHub hub, Duration wait, ScheduledExecutorService timer, Context call) {
      ScheduledFuture<?> timeout;
      try {
        timeout = timer.schedule(() -> end.complete(latest), wait.toNanos(), TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        return CompletableFuture.failedFuture(new WatchException.Draining());
      }
      Watch watch = hub.open(JobKey.of(latest), JobWatchOptions.STATUS_ONLY, this);
      Context.CancellationListener cancelled = over -> end.complete(latest);
      call.addListener(cancelled, Runnable::run);
      return end.whenComplete(
          (job, failure) -> {
            call.removeListener(cancelled);
            timeout.cancel(false);
            watch.close();
          });
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void next(WatchJobResponse message) {
      if (message.hasJob()) {
        latest = message.getJob();
      } else if (message.hasStatus()) {
        JobStatus status = message.getStatus();
        latest = latest.toBuilder().setStatus(status).build();
      }
    }

    @Override
    public void completed() {
      end.complete(latest);
    }

    @Override
    public void failed(Throwable reason, String position) {
      fail(reason);
    }

    void fail(Throwable reason) {
      end.completeExceptionally(reason);
    }
  }
}
