package dev.milepost.server.grpc;

import dev.milepost.server.access.Caller;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.watch.ClaimWaiters;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call for jobs: looks, waits to be woken, looks again, until there are some or the wait is
 * over.
 *
 * <p>It waits in the queue of arrivals while it looks, so that no arrival falls between a look and
 * the wait after it.
 */
final class ClaimCall {
  private final JobClaims claims;
  private final Caller caller;
  private final ClaimJobsRequest request;
  private final ClaimQuery query;
  private final long deadlineNanos;
  private final ServerCallStreamObserver<ClaimJobsResponse> out;
  private final Context context = Context.current();

  // Guarded by this.
  private ClaimWaiters.@Nullable Ticket ticket;
  private @Nullable ScheduledFuture<?> timeout;
  private boolean looking;
  private boolean wokenMeanwhile;
  private boolean over;

  ClaimCall(
      JobClaims claims,
      Caller caller,
      ClaimJobsRequest request,
      ClaimQuery query,
      Duration wait,
      ServerCallStreamObserver<ClaimJobsResponse> out) {
    this.claims = claims;
    this.caller = caller;
    this.request = request;
    this.query = query;
    this.deadlineNanos = System.nanoTime() + wait.toNanos();
    this.out = out;
  }

  /** Must be called before the service method returns. */
  void begin(ClaimWaiters waiters, ScheduledExecutorService timer) {
    out.setOnCancelHandler(this::hungUp);
    long wait = deadlineNanos - System.nanoTime();
    if (wait > 0) {
      synchronized (this) {
        timeout = timer.schedule(this::timedOut, wait, TimeUnit.NANOSECONDS);
      }
    }
    look(waiters);
  }

  private void look(ClaimWaiters waiters) {
    synchronized (this) {
      if (over) {
        return;
      }
      looking = true;
      wokenMeanwhile = false;
      // A ticket that was held before has woken this call, and is used up by this look.
      boolean mayWait = System.nanoTime() < deadlineNanos && !waiters.isClosed();
      ticket = mayWait ? waiters.register(query, () -> woken(waiters)) : null;
    }
    claims
        .attempt(caller, request, query)
        .whenComplete((response, failure) -> looked(waiters, response, failure));
  }

  private void woken(ClaimWaiters waiters) {
    synchronized (this) {
      if (looking) {
        wokenMeanwhile = true;
        return;
      }
    }
    look(waiters);
  }

  private void looked(
      ClaimWaiters waiters, @Nullable ClaimJobsResponse response, @Nullable Throwable failure) {
    boolean again = false;
    synchronized (this) {
      looking = false;
      if (failure == null && response != null && response.getJobsCount() == 0 && !over) {
        if (wokenMeanwhile) {
          again = true;
        } else if (ticket != null && System.nanoTime() < deadlineNanos) {
          return;
        }
      }
    }
    if (again) {
      look(waiters);
    } else if (failure != null) {
      finish(() -> out.onError(ErrorMap.toException(failure)));
    } else if (response != null && !finish(() -> send(response))) {
      claims.giveBack(caller, response);
    }
  }

  private void timedOut() {
    synchronized (this) {
      if (looking) {
        return; // The look that is under way is the last one, and answers.
      }
    }
    finish(() -> send(ClaimJobsResponse.getDefaultInstance()));
  }

  private void hungUp() {
    finish(() -> {});
  }

  private void send(ClaimJobsResponse response) {
    if (out.isCancelled()) {
      claims.giveBack(caller, response);
      return;
    }
    out.onNext(response);
    out.onCompleted();
  }

  /** Ends the call; false where it had ended before. */
  private boolean finish(Runnable answer) {
    ClaimWaiters.Ticket held;
    synchronized (this) {
      if (over) {
        return false;
      }
      over = true;
      held = ticket;
      ticket = null;
      if (timeout != null) {
        timeout.cancel(false);
      }
    }
    context.run(answer);
    if (held != null) {
      // After the answer: a wake-up that this call did not need goes on to the next in line.
      held.close();
    }
    return true;
  }
}
