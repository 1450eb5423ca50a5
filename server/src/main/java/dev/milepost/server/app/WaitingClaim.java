package dev.milepost.server.app;

import dev.milepost.server.access.Caller;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.watch.ClaimWaiters;
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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One call for jobs: looks, waits to be woken, looks again, until there are some or the wait is
 * over.
 *
 * <p>It waits in the queue of arrivals while it looks, so that no arrival falls between a look and
 * the wait after it.
 */
public final class WaitingClaim {
  private final ClaimAttempts attempts;
  private final Caller caller;
  private final ClaimJobsRequest request;
  private final ClaimQuery query;
  private final long startNanos = System.nanoTime();
  private final long waitNanos;
  private final ClaimWaiters waiters;
  private final ScheduledExecutorService timer;
  private final ServiceObserver observer;
  private final ClaimReply reply;

  // Guarded by this.

  /** Place in the queue for the next wake-up. */
  private ClaimWaiters.@Nullable Ticket ticket;

  private boolean ticketIsSpent;

  /**
   * The place whose wake-up led to the look that is under way: whether it was of use shows after
   * the look.
   */
  private ClaimWaiters.@Nullable Ticket used;

  private @Nullable ScheduledFuture<?> timeout;
  private boolean looking;
  private boolean wokenMeanwhile;
  private boolean over;

  WaitingClaim(
      ClaimAttempts attempts,
      Caller caller,
      ClaimJobsRequest request,
      ClaimQuery query,
      Duration wait,
      ClaimWaiters waiters,
      ScheduledExecutorService timer,
      ServiceObserver observer,
      ClaimReply reply) {
    this.attempts = attempts;
    this.caller = caller;
    this.request = request;
    this.query = query;
    this.waitNanos = wait.toNanos();
    this.waiters = waiters;
    this.timer = timer;
    this.observer = observer;
    this.reply = reply;
  }

  /** Whether it waits if there is no job now. */
  public boolean mayWait() {
    return waitNanos > 0;
  }

  /** Starts the claim. Must be called once. */
  public void begin() {
    look();
    synchronized (this) {
      if (!over && waitNanos > 0) {
        timeout = schedule();
      }
    }
  }

  /** Null where the server stops: the waiters are woken then, and nobody waits on. */
  private @Nullable ScheduledFuture<?> schedule() {
    try {
      return timer.schedule(
          this::timedOut, Math.max(0, waitNanos - waited()), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      return null;
    }
  }

  private long waited() {
    return System.nanoTime() - startNanos;
  }

  private void look() {
    synchronized (this) {
      if (over) {
        return;
      }
      looking = true;
      wokenMeanwhile = false;
      if (ticket == null || ticketIsSpent) {
        used = ticket;
        ticket = waited() < waitNanos ? waiters.register(query, this::woken) : null;
        ticketIsSpent = false;
      }
    }
    attempt().whenComplete(this::looked);
  }

  private CompletionStage<ClaimAttempts.Attempt> attempt() {
    try {
      return attempts.attempt(caller, request, query);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void woken() {
    synchronized (this) {
      ticketIsSpent = true;
      if (looking) {
        wokenMeanwhile = true;
        return;
      }
    }
    look();
  }

  private void looked(ClaimAttempts.@Nullable Attempt found, @Nullable Throwable failure) {
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
          // Only now: whoever finds the call looking leaves its answer to the look.
          looking = false;
          return;
        }
      }
    }
    handOn(spentInVain, Set.of());
    if (again) {
      look();
    } else if (failure != null || found == null) {
      Throwable reason =
          failure == null ? new IllegalStateException("a look without a result") : failure;
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
      if (looking) {
        return; // The look that is under way is the last one, and answers.
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
    reply.send(response);
  }

  /**
   * Ends the call; false where it had ended before.
   *
   * @param afterLook whether a look has come to this end, and not something that happens beside it
   */
  private boolean finish(boolean afterLook, Set<String> claimed, Runnable answer) {
    ClaimWaiters.Ticket held;
    ClaimWaiters.Ticket spent;
    synchronized (this) {
      if (over) {
        return false;
      }
      over = true;
      held = ticket;
      // While a look is under way it uses its wake-up: what it claims for nobody is given back, and
      // wakes the next.
      spent = looking && !afterLook ? null : used;
      ticket = null;
      used = spent == null ? used : null;
      if (timeout != null) {
        timeout.cancel(false);
      }
    }
    answer.run();
    // After the answer: a wake-up that this call did not need goes on to the next in line.
    handOn(held, claimed);
    handOn(spent, claimed);
    return true;
  }

  /** Off this stack: whoever is woken may fail at once and hand on in turn, down the whole line. */
  private void handOn(ClaimWaiters.@Nullable Ticket place, Set<String> claimed) {
    if (place == null) {
      return;
    }
    try {
      timer.execute(() -> place.close(claimed));
    } catch (RejectedExecutionException e) {
      place.close(claimed); // The server stops: all who waited have been woken.
    }
  }
}
