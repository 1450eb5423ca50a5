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
 * Claims jobs for as many places as are free, one claim after the other, on a thread of its own,
 * which keeps the program running. A claim that is not answered is repeated in the same words, so
 * that jobs claimed by it are not lost with the answer.
 */
final class ClaimLoop {
  private static final Logger LOG = LoggerFactory.getLogger(ClaimLoop.class);
  private static final int MAX_JOBS = 100;

  /**
   * A claim that keeps failing is repeated for so long; then whatever it took has gone back by
   * itself.
   */
  private static final Duration ONE_CLAIM = Duration.ofMinutes(5);

  /** How long to wait for the answer to a claim that is not wanted any more. */
  private static final Duration LAST_ANSWER = Duration.ofMillis(500);

  private static final Duration LEAST_EMPTY_CLAIM = Duration.ofMillis(250);

  private final Calls calls;
  private final RunningJobs jobs;
  private final ClaimJobsRequest template;
  private final CallPolicy policy;
  private final Thread thread;
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();
  private final Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));
  private @Nullable ClaimJobsRequest request;
  private @Nullable CompletableFuture<ClaimJobsResponse> call;
  private boolean stopping;

  ClaimLoop(WorkerBuilder settings, RunningJobs jobs) {
    this.calls = settings.client.core().calls();
    this.jobs = jobs;
    ClaimJobsRequest.Builder template =
        ClaimJobsRequest.newBuilder()
            .setWorkerId(settings.workerId)
            .addAllScopes(settings.scopes)
            .setMinPriority(settings.minPriority)
            .setMaxPriority(settings.maxPriority)
            .setWait(Times.duration(settings.claimWait));
    if (settings.defaultHandler == null) {
      template.addAllTypes(settings.handlers.keySet());
    }
    this.template = template.build();
    CallPolicy once = CallPolicy.forCaller(calls.callTimeout()).waiting(settings.claimWait);
    this.policy = new CallPolicy(ONE_CLAIM, once.perTry(), false, null);
    this.thread = new Thread(this::loop, "milepost-claim-" + settings.workerId);
  }

  void start() {
    thread.start();
  }

  CompletableFuture<Void> stopped() {
    return stopped;
  }

  private void loop() {
    try {
      while (true) {
        int free = jobs.awaitFree();
        CompletableFuture<ClaimJobsResponse> claim = begin(Math.min(free, MAX_JOBS));
        if (claim == null) {
          break;
        }
        long begun = System.nanoTime();
        try {
          ClaimJobsResponse response = claim.get();
          take(response);
          backoff.reset();
          if (response.getJobsCount() == 0) {
            pause(begun);
          }
        } catch (ExecutionException e) {
          failed(Futures.unwrap(e));
        }
      }
      stopped.complete(null);
    } catch (InterruptedException | CancellationException e) {
      stopped.complete(null);
    } catch (InvalidRequestException e) {
      LOG.error("The server refuses this worker's claims; it claims no more.", e);
      stopped.completeExceptionally(e);
    } catch (RuntimeException e) {
      LOG.error("The worker claims no more.", e);
      stopped.completeExceptionally(e);
    }
  }

  /** A server that drains does not let claims wait: it is not to be asked in a flurry. */
  private static void pause(long begunNanos) throws InterruptedException {
    Duration taken = Duration.ofNanos(System.nanoTime() - begunNanos);
    Thread.sleep(Math.max(0, LEAST_EMPTY_CLAIM.minus(taken).toMillis()));
  }

  private synchronized @Nullable CompletableFuture<ClaimJobsResponse> begin(int places) {
    if (stopping) {
      return null;
    }
    ClaimJobsRequest next =
        template.toBuilder().setMaxJobs(places).setRequestId(UUID.randomUUID().toString()).build();
    request = next;
    call = calls.unary(WorkerServiceGrpc.getClaimJobsMethod(), next, policy);
    return call;
  }

  /** Takes the answer, unless stop() does: after that has returned, no job begins. */
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
    if (thrown instanceof InvalidRequestException invalid) {
      throw invalid;
    }
    LOG.warn("A claim failed; trying again.", thrown);
    Thread.sleep(backoff.next(ServerError.of(thrown)).toMillis());
  }

  /** Claims no more. Answers jobs that were claimed meanwhile: nobody else knows of them. */
  List<ClaimedJob> stop() {
    ClaimJobsRequest last;
    CompletableFuture<ClaimJobsResponse> open;
    synchronized (this) {
      if (stopping) {
        return List.of();
      }
      stopping = true;
      last = request;
      open = call;
    }
    thread.interrupt();
    if (last == null || open == null) {
      return List.of();
    }
    open.cancel(false);
    if (open.isCompletedExceptionally()) {
      // The claim may have been granted at this very moment; asked again, the server says so.
      CallPolicy once = new CallPolicy(LAST_ANSWER, LAST_ANSWER, false, null);
      open = calls.unary(WorkerServiceGrpc.getClaimJobsMethod(), last, once);
    }
    try {
      return open.get().getJobsList();
    } catch (ExecutionException e) {
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }
}
