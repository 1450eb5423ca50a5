package dev.milepost.client;

import org.jspecify.annotations.Nullable;

/**
 * Whether a handler should stop, and the thread that it runs on. The first reason counts, but for
 * the loss of the attempt, which outweighs all. Thread-safe.
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

  /** Asks to stop; answers whether that is news. */
  synchronized boolean raise(Kind why, String words) {
    if (kind == null) {
      kind = why;
      reason = words;
      return true;
    }
    return false;
  }

  /** The attempt is over. */
  synchronized void lose(JobException why) {
    if (kind != Kind.LEASE_LOST) {
      kind = Kind.LEASE_LOST;
      reason = String.valueOf(why.getMessage());
      loss = why;
    }
    interrupt();
  }

  synchronized @Nullable Kind kind() {
    return kind;
  }

  synchronized String reason() {
    return reason;
  }

  /** The handler begins, on this thread. */
  synchronized void begin() {
    handler = Thread.currentThread();
    if (kind == Kind.LEASE_LOST) {
      interrupt();
    }
  }

  /** The handler has ended; an interruption that was meant for it alone is taken back. */
  synchronized void end() {
    handler = null;
    if (interrupted) {
      Thread.interrupted();
    }
  }

  /** Interrupts the handler, if it runs. */
  synchronized void interrupt() {
    if (handler != null) {
      interrupted = true;
      handler.interrupt();
    }
  }

  /** Throws what makes a handler stop, where it should. */
  synchronized void check() {
    if (kind == Kind.LEASE_LOST) {
      throw new LeaseLostException(reason, loss);
    } else if (kind != null) {
      throw new JobCancelledException(reason);
    }
  }
}
