package dev.milepost.server.grpc;

import dev.milepost.server.access.AccessException;
import dev.milepost.server.access.Authenticator;
import dev.milepost.server.access.Caller;
import io.grpc.Context;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks at an interval that the callers of open streams and waits are still authorized, and ends
 * the calls of those that are not. Thread-safe.
 */
public final class Reauthorization {
  private static final Logger LOG = LoggerFactory.getLogger(Reauthorization.class);

  private final Authenticator authenticator;
  private final Set<Held> held = ConcurrentHashMap.newKeySet();

  public Reauthorization(
      Authenticator authenticator, Duration interval, ScheduledExecutorService timer) {
    this.authenticator = authenticator;
    var unused =
        timer.scheduleWithFixedDelay(
            this::recheck, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Tracks the current call until it ends.
   *
   * @param end fails the call; must do nothing if it has ended
   */
  public void watch(Consumer<AccessException.Unauthenticated> end) {
    Held call = new Held(AccessInterceptor.provedCaller(), end);
    held.add(call);
    CallScope.atEnd(call);
  }

  private void recheck() {
    for (Held call : List.copyOf(held)) {
      try {
        authenticator.recheck(call.caller());
      } catch (AccessException.Unauthenticated e) {
        if (held.remove(call)) {
          end(call, e);
        }
      } catch (RuntimeException | Error e) {
        LOG.error("The credential of a caller could not be checked again.", e);
      }
    }
  }

  private static void end(Held call, AccessException.Unauthenticated reason) {
    try {
      call.end().accept(reason);
    } catch (RuntimeException | Error e) {
      LOG.debug("A call of a caller that is no longer authorized could not be ended.", e);
    }
  }

  /** Compared by identity: one caller may make many calls. */
  private final class Held implements Context.CancellationListener {
    private final Caller caller;
    private final Consumer<AccessException.Unauthenticated> end;

    Held(Caller caller, Consumer<AccessException.Unauthenticated> end) {
      this.caller = caller;
      this.end = end;
    }

    Caller caller() {
      return caller;
    }

    Consumer<AccessException.Unauthenticated> end() {
      return end;
    }

    @Override
    public void cancelled(Context over) {
      held.remove(this);
    }
  }
}
