package dev.milepost.client;

import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.ClaimedJob;
import dev.milepost.v1.WorkerServiceGrpc;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims jobs for the free slots, one claim after another, on its own thread, which keeps the JVM
 * running. A claim without a response is retried with the same request id, so that jobs it claimed
 * are not lost with the response.
 */
final class ClaimLoop {
  private static final Logger LOG = LoggerFactory.getLogger(ClaimLoop.class);
  private static final int MAX_JOBS = 100;
  private static final int MAX_CAPACITY = 1_000_000;

  /** How long a failing claim is retried; after that, the leases it may have taken have expired. */
  private static final Duration CLAIM_TIMEOUT = Duration.ofMinutes(5);

  /** How long to wait for the response to the last claim while stopping. */
  private static final Duration LAST_CLAIM_TIMEOUT = Duration.ofSeconds(1);

  /**
   * How long a worker that has worked goes on if its claims are refused, so that a token or
   * certificate can be replaced.
   */
  private static final Duration REFUSED_TIMEOUT = Duration.ofMinutes(5);

  /** Minimum time between a claim that returns no jobs and the next one. */
  private static final Duration MIN_EMPTY_CLAIM_INTERVAL = Duration.ofMillis(250);

  private final Calls calls;
  private final RunningJobs jobs;
  private final ClaimJobsRequest template;
  private final CallPolicy policy;
  private final Thread thread;
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();
  private final Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));
  private final HealthMonitor health;

  /** Whether the server has ever answered a claim; used by the loop only. */
  private boolean claimed;

  /** When the first of the refusals without a success in between was received. */
  private @Nullable Long refusedNanos;

  private @Nullable ClaimJobsRequest request;
  private @Nullable CompletableFuture<ClaimJobsResponse> call;
  private boolean stopping;

  ClaimLoop(WorkerBuilder settings, RunningJobs jobs) {
    this.calls = settings.client.core().calls();
    this.jobs = jobs;
    this.health =
        new HealthMonitor(
            calls.connectivity(), settings.client.core().executor(), settings.healthListener);
    ClaimJobsRequest.Builder template =
        ClaimJobsRequest.newBuilder()
            .setWorkerId(settings.workerId)
            .addAllScopes(settings.scopes)
            .setMinPriority(settings.minPriority)
            .setMaxPriority(settings.maxPriority)
            .setCapacity(Math.min(settings.concurrency, MAX_CAPACITY))
            .setWait(Times.duration(settings.claimWait));
    if (settings.defaultHandler == null) {
      template.addAllTypes(settings.handlers.keySet());
    }
    this.template = template.build();
    CallPolicy waiting = CallPolicy.forCaller(calls.callTimeout()).waiting(settings.claimWait);
    this.policy = new CallPolicy(CLAIM_TIMEOUT, waiting.perTry(), false, null);
    this.thread = new Thread(this::loop, "milepost-claim-" + settings.workerId);
  }

  void start() {
    LOG.info(
        "Worker {} claims jobs of {}, {}, priority {} to {}.",
        template.getWorkerId(),
        template.getTypesCount() == 0 ? "any type" : "the types " + template.getTypesList(),
        template.getScopesCount() == 0 ? "any scope" : "the scopes " + template.getScopesList(),
        template.getMinPriority(),
        template.getMaxPriority());
    thread.start();
  }

  CompletableFuture<Void> stopped() {
    return stopped;
  }

  WorkerHealth health() {
    return health.health();
  }

  /** Ends the loop, which has not been started. */
  void fail(JobException why) {
    health.ended(why);
    stopped.completeExceptionally(why);
  }

  private void loop() {
    try {
      claimUntilStopped();
      ended(null);
    } catch (InterruptedException | CancellationException e) {
      ended(null);
    } catch (JobException e) {
      LOG.error("Worker {} stops claiming: {}", template.getWorkerId(), e.getMessage());
      ended(e);
    } catch (RuntimeException e) {
      LOG.error("Worker {} stops claiming after an unexpected error.", template.getWorkerId(), e);
      ended(e);
    }
    keepRunning();
  }

  private void ended(@Nullable RuntimeException why) {
    health.ended(why);
    if (why == null) {
      stopped.complete(null);
    } else {
      stopped.completeExceptionally(why);
    }
  }

  /** Keeps the JVM running while there are jobs, unless the worker is closed. */
  private void keepRunning() {
    try {
      if (!isStopping()) {
        jobs.awaitIdle();
      }
    } catch (InterruptedException e) {
      // The worker is closed, and waits for its jobs itself.
    }
  }

  private synchronized boolean isStopping() {
    return stopping;
  }

  private void claimUntilStopped() throws InterruptedException {
    while (true) {
      int free = jobs.awaitFree();
      CompletableFuture<ClaimJobsResponse> claim = claim(Math.min(free, MAX_JOBS));
      if (claim == null) {
        return;
      }
      long startNanos = System.nanoTime();
      try {
        ClaimJobsResponse response = claim.get();
        take(response);
        boolean isFirst = !claimed;
        claimed = true;
        refusedNanos = null;
        health.claimed();
        backoff.reset();
        if (response.getJobsCount() == 0 && !isFirst) {
          pause(startNanos);
        }
      } catch (ExecutionException e) {
        failed(Futures.unwrap(e));
      }
    }
  }

  /** Avoids a busy loop: a server that is shutting down responds to claims without waiting. */
  private static void pause(long startNanos) throws InterruptedException {
    Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
    Thread.sleep(Math.max(0, MIN_EMPTY_CLAIM_INTERVAL.minus(elapsed).toMillis()));
  }

  /** The first claim does not wait for jobs: its answer shows that the worker can work. */
  private synchronized @Nullable CompletableFuture<ClaimJobsResponse> claim(int slots) {
    if (stopping) {
      return null;
    }
    ClaimJobsRequest.Builder builder =
        template.toBuilder().setMaxJobs(slots).setRequestId(UUID.randomUUID().toString());
    if (!claimed) {
      builder.clearWait();
    }
    ClaimJobsRequest next = builder.build();
    request = next;
    call = calls.unary(WorkerServiceGrpc.getClaimJobsMethod(), next, policy);
    return call;
  }

  /** Starts the claimed jobs, unless stop() takes them: once that has returned, no job starts. */
  private synchronized void take(ClaimJobsResponse response) {
    if (!stopping) {
      request = null;
      response.getJobsList().forEach(jobs::start);
    }
  }

  private void failed(Throwable thrown) throws InterruptedException {
    synchronized (this) {
      if (stopping) {
        return;
      }
      request = null;
    }
    if (isRefusal(thrown) && isHopeless()) {
      throw (JobException) thrown;
    }
    health.refused(String.valueOf(thrown.getMessage()));
    if (!(thrown instanceof ServerUnavailableException)) {
      LOG.warn("A claim failed; claiming again after a delay: {}", thrown.toString());
    } // An outage is logged once for the client.
    Thread.sleep(backoff.next(ServerError.of(thrown)).toMillis());
  }

  /** Whether a claim was refused for a reason that does not go away by itself. */
  private static boolean isRefusal(Throwable thrown) {
    return thrown instanceof InvalidRequestException
        || thrown instanceof AccessDeniedException
        || (thrown instanceof ServerUnavailableException unavailable && unavailable.isPermanent());
  }

  /** Whether the worker has never worked, or has been refused for a long time. */
  private boolean isHopeless() {
    long now = System.nanoTime();
    if (refusedNanos == null) {
      refusedNanos = now;
    }
    return !claimed || now - refusedNanos > REFUSED_TIMEOUT.toNanos();
  }

  /**
   * Stops claiming. The future has the jobs claimed meanwhile, which the caller must release; none
   * if the server does not say in time which they are.
   */
  CompletableFuture<List<ClaimedJob>> stop() {
    ClaimJobsRequest last;
    CompletableFuture<ClaimJobsResponse> open;
    synchronized (this) {
      if (stopping) {
        return CompletableFuture.completedFuture(List.of());
      }
      stopping = true;
      last = request;
      open = call;
    }
    thread.interrupt();
    if (last == null || open == null) {
      return CompletableFuture.completedFuture(List.of());
    }
    open.cancel(false);
    if (open.isCompletedExceptionally()) {
      // The server may just have granted the claim; repeating it, without waiting for others,
      // returns the same jobs.
      last = last.toBuilder().clearWait().build();
      CallPolicy brief = new CallPolicy(LAST_CLAIM_TIMEOUT, LAST_CLAIM_TIMEOUT, false, null);
      open = calls.unary(WorkerServiceGrpc.getClaimJobsMethod(), last, brief);
    }
    return open.handle((granted, thrown) -> granted == null ? List.of() : granted.getJobsList());
  }
}
