package dev.milepost.client;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.WaitJobRequest;
import dev.milepost.v1.WaitJobResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Waits for a job's end with repeated WaitJob calls of bounded length. */
final class JobWait {
  private static final Duration MAX_CALL_WAIT = Duration.ofSeconds(30);

  private final ClientCore core;
  private final String jobId;
  private final long deadlineNanos;
  private final CompletableFuture<Job> result = new CompletableFuture<>();
  private volatile @Nullable CompletableFuture<WaitJobResponse> current;

  JobWait(ClientCore core, String jobId, Duration timeout) {
    this.core = core;
    this.jobId = jobId;
    this.deadlineNanos = System.nanoTime() + timeout.toNanos();
  }

  CompletableFuture<Job> start() {
    Futures.onDone(result, (job, thrown) -> cancelIfUnwanted());
    call();
    return result;
  }

  private void call() {
    Duration left = Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
    Duration wait = left.compareTo(MAX_CALL_WAIT) < 0 ? left : MAX_CALL_WAIT;
    WaitJobRequest request =
        WaitJobRequest.newBuilder().setJobId(jobId).setWait(Times.duration(wait)).build();
    CallPolicy policy = CallPolicy.forCaller(core.calls().callTimeout()).waiting(wait);
    CompletableFuture<WaitJobResponse> call =
        core.calls()
            .unary(
                JobServiceGrpc.getWaitJobMethod(),
                request,
                new CallPolicy(left.plus(policy.overall()), policy.perTry(), false, null));
    current = call;
    Futures.onDone(call, this::answered);
    cancelIfUnwanted();
  }

  private void answered(@Nullable WaitJobResponse response, @Nullable Throwable thrown) {
    if (response == null) {
      result.completeExceptionally(thrown == null ? new IllegalStateException() : thrown);
    } else if (JobStates.isFinished(response.getJob()) || deadlineNanos - System.nanoTime() <= 0) {
      result.complete(response.getJob());
    } else {
      call();
    }
  }

  private void cancelIfUnwanted() {
    CompletableFuture<WaitJobResponse> call = current;
    if (call != null && result.isCancelled()) {
      call.cancel(false);
    }
  }
}
