package dev.milepost.server.app;

import dev.milepost.server.access.Caller;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.watch.ClaimWaiters;
import dev.milepost.server.workers.WorkerRegistry;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One claim: tries, waits to be woken and tries again, until it has jobs or its wait ends.
 *
 * <p>It is registered as a waiter while it tries, so that no job arrives unnoticed between a try
 * and the wait after it.
 */
public final class WaitingClaim {
  private final ClaimAttempts attempts;
  private final Caller caller;
  private final ClaimJobsRequest request;
  private final ClaimQuery query;
  private final Supplier<WorkerRegistry.Ask> asking;
  private final long startNanos;
  private final long waitNanos;
  private final ClaimWaiters waiters;
  private final ScheduledExecutorService timer;
  private final TimeSource time;
  private final ServiceObserver observer;
  private final ClaimReply reply;

  // Guarded by this.

  /** What others see of this claim; null before it begins. */
  private WorkerRegistry.@Nullable Ask ask;

  /** The registration for the next wake-up. */
  private ClaimWaiters.@Nullable Ticket ticket;

  private boolean ticketIsSpent;

  /**
   * The registration whose wake-up led to the current try; whether it was needed is known after the
   * try.
   */
  private ClaimWaiters.@Nullable Ticket used;

  private @Nullable ScheduledFuture<?> timeout;
  private boolean trying;
  private boolean wokenMeanwhile;
  private boolean over;

  WaitingClaim(
      ClaimAttempts attempts,
      Caller caller,
      ClaimJobsRequest request,
      ClaimQuery query,
      Supplier<WorkerRegistry.Ask> asking,
      Duration wait,
      ClaimWaiters waiters,
      ScheduledExecutorService timer,
      TimeSource time,
      ServiceObserver observer,
      ClaimReply reply) {
    this.attempts = attempts;
    this.caller = caller;
    this.request = request;
    this.query = query;
    this.asking = asking;
    this.waitNanos = wait.toNanos();
    this.waiters = waiters;
    this.timer = timer;
    this.time = time;
    this.startNanos = time.nanoTime();
    this.observer = observer;
    this.reply = reply;
  }

  /** Returns whether it waits if there is no job now. */
  public boolean mayWait() {
    return waitNanos > 0;
  }

  /** Starts the claim. Must be called once. */
  public void begin() {
    synchronized (this) {
      ask = asking.get();
    }
    tryClaim();
    synchronized (this) {
      if (!over && waitNanos > 0) {
        timeout = schedule();
      }
    }
  }

  /** Returns null if the server is stopping: all waiters have been woken then. */
  private @Nullable ScheduledFuture<?> schedule() {
    try {
      return timer.schedule(
          this::timedOut, Math.max(0, waitNanos - waited()), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      return null;
    }
  }

  private long waited() {
    return time.nanoTime() - startNanos;
  }

  private void tryClaim() {
    synchronized (this) {
      if (over) {
        return;
      }
      trying = true;
      wokenMeanwhile = false;
      if (ticket == null || ticketIsSpent) {
        used = ticket;
        ticket = waited() < waitNanos ? waiters.register(query, this::woken) : null;
        ticketIsSpent = false;
      }
    }
    attempt().whenComplete(this::tried);
  }

  private CompletionStage<ClaimAttempts.Attempt> attempt() {
    try {
      return attempts.attempt(caller, request, query);
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void woken() {
    synchronized (this) {
      ticketIsSpent = true;
      if (trying) {
        wokenMeanwhile = true;
        return;
      }
    }
    tryClaim();
  }

  private void tried(ClaimAttempts.@Nullable Attempt found, @Nullable Throwable failure) {
    boolean again = false;
    ClaimWaiters.Ticket spentInVain = null;
    synchronized (this) {
      if (over && failure != null) {
        spentInVain = used;
        used = null;
      }
      if (found != null && found.isInVain() && !over) {
        again = wokenMeanwhile || found.moreMayWait();
        if (!again && ticket != null && waited() < waitNanos) {
          // Only now: anyone that finds a try in progress leaves the answer to it.
          trying = false;
          return;
        }
      }
    }
    passOn(spentInVain, Set.of());
    if (again) {
      tryClaim();
    } else if (failure != null || found == null) {
      Throwable reason =
          failure == null ? new IllegalStateException("a try without a result") : failure;
      finish(true, Set.of(), () -> reply.fail(reason));
    } else if (!finish(true, ids(found.response()), () -> send(found.response()))) {
      attempts.release(caller, found.response());
    }
  }

  private static Set<String> ids(ClaimJobsResponse response) {
    return response.getJobsList().stream()
        .map(job -> job.getJob().getId())
        .collect(Collectors.toSet());
  }

  private void timedOut() {
    synchronized (this) {
      if (trying) {
        return; // The current try is the last one, and answers.
      }
    }
    finish(false, Set.of(), () -> send(ClaimJobsResponse.getDefaultInstance()));
  }

  /** Fails the claim, unless it has been answered; jobs claimed meanwhile are released. */
  public void fail(RuntimeException reason) {
    finish(false, Set.of(), () -> reply.fail(reason));
  }

  /** Ends the claim of a worker that has gone; jobs claimed meanwhile are released. */
  public void cancel() {
    finish(false, Set.of(), () -> {});
  }

  private void send(ClaimJobsResponse response) {
    if (reply.isCancelled()) {
      attempts.release(caller, response);
      return;
    }
    observer.claimed(response.getJobsCount());
    WorkerRegistry.Ask asked = asked();
    if (asked != null && response.getJobsCount() > 0) {
      asked.claimed();
    }
    reply.send(response);
  }

  private synchronized WorkerRegistry.@Nullable Ask asked() {
    return ask;
  }

  /**
   * Ends the claim; returns false if it had ended before.
   *
   * @param afterTry whether a try has come to this end, rather than an event beside it
   */
  private boolean finish(boolean afterTry, Set<String> claimed, Runnable answer) {
    ClaimWaiters.Ticket held;
    ClaimWaiters.Ticket spent;
    synchronized (this) {
      if (over) {
        return false;
      }
      over = true;
      held = ticket;
      // A try in progress uses its wake-up: releasing the jobs that it claims too late wakes the
      // next waiter.
      spent = trying && !afterTry ? null : used;
      ticket = null;
      used = spent == null ? used : null;
      if (timeout != null) {
        timeout.cancel(false);
      }
    }
    WorkerRegistry.Ask asked = asked();
    if (asked != null) {
      asked.end();
    }
    answer.run();
    // After the answer: passes an unneeded wake-up on to the next waiter.
    passOn(held, claimed);
    passOn(spent, claimed);
    return true;
  }

  /**
   * On another stack: a woken waiter may fail at once and pass the wake-up on, down the whole
   * queue.
   */
  private void passOn(ClaimWaiters.@Nullable Ticket place, Set<String> claimed) {
    if (place == null) {
      return;
    }
    try {
      timer.execute(() -> place.close(claimed));
    } catch (RejectedExecutionException e) {
      place.close(claimed); // The server is stopping: all waiters have been woken.
    }
  }
}
