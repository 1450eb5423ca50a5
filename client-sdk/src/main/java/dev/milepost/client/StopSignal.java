package dev.milepost.client;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Whether a handler should stop, and the thread on which it runs. The first reason wins, except
 * that the loss of the lease overrides every other. Thread-safe.
 */
final class StopSignal {
  /** Why to stop. */
  enum Kind {
    CANCELLED,
    WORKER_STOPPING,
    LEASE_LOST
  }

  private @Nullable Kind kind;
  private String reason = "";
  private @Nullable JobException loss;
  private @Nullable Thread handler;
  private boolean interrupted;
  private boolean thrown;
  private final CompletableFuture<Kind> raised = new CompletableFuture<>();

  /** Asks the handler to stop; returns false if it was asked before. */
  boolean raise(Kind newKind, String newReason) {
    synchronized (this) {
      if (kind != null) {
        return false;
      }
      kind = newKind;
      reason = newReason;
    }
    raised.complete(newKind);
    return true;
  }

  /** Interrupts the handler, because the lease is lost. */
  void lose(JobException why) {
    synchronized (this) {
      if (kind != Kind.LEASE_LOST) {
        kind = Kind.LEASE_LOST;
        reason = String.valueOf(why.getMessage());
        loss = why;
      }
      interrupt();
    }
    raised.complete(Kind.LEASE_LOST);
  }

  /** Runs an action once the handler is asked to stop, on the thread that asks, without a lock. */
  void onRaise(Runnable action) {
    Futures.onDone(raised, (kind, thrown) -> action.run());
  }

  synchronized @Nullable Kind kind() {
    return kind;
  }

  synchronized String reason() {
    return reason;
  }

  /** Marks the start of the handler on the current thread. */
  synchronized void begin() {
    handler = Thread.currentThread();
    if (kind == Kind.LEASE_LOST) {
      interrupt();
    }
  }

  /** Marks the end of the handler, and clears an interrupt that was meant for it alone. */
  synchronized void end() {
    handler = null;
    if (interrupted) {
      Thread.interrupted();
    }
  }

  /** Interrupts the handler if it is running. */
  synchronized void interrupt() {
    if (handler != null) {
      interrupted = true;
      handler.interrupt();
    }
  }

  /** Whether this signal has interrupted the handler. */
  synchronized boolean hasInterrupted() {
    return interrupted;
  }

  /** Whether the handler has been made to stop, by an interrupt or by an exception. */
  synchronized boolean hasReachedHandler() {
    return interrupted || thrown;
  }

  /** Throws the exception that stops the handler, if it should stop. */
  synchronized void check() {
    thrown |= kind != null;
    if (kind == Kind.LEASE_LOST) {
      throw loss == null ? new LeaseLostException(reason, null) : new LeaseLostException(loss);
    } else if (kind != null) {
      throw new JobCancelledException(reason);
    }
  }
}
