package dev.milepost.server.grpc;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.concurrent.TimeSource;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Counts the calls in progress, so that a stopping server knows when the last one has been
 * answered. Public methods do not count: a health watch never ends by itself.
 */
@Singleton
public final class OpenCalls implements ServerInterceptor {
  private final AccessPolicy policy;
  private final TimeSource time;
  private final Object lock = new Object();
  private final Context.CancellationListener ended = over -> ended();

  /** Guarded by the lock. */
  private int open;

  @Inject
  OpenCalls(AccessPolicy policy, TimeSource time) {
    this.policy = policy;
    this.time = time;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!policy.isPublic(call.getMethodDescriptor().getFullMethodName())) {
      begun();
      CallScope.atEnd(ended);
    }
    return next.startCall(call, headers);
  }

  /** Returns how many calls are in progress. */
  public int count() {
    synchronized (lock) {
      return open;
    }
  }

  private void begun() {
    synchronized (lock) {
      open++;
    }
  }

  private void ended() {
    synchronized (lock) {
      open--;
      lock.notifyAll();
    }
  }

  /** Waits until no call is in progress, but no longer than the timeout. */
  void awaitNone(Duration timeout) throws InterruptedException {
    long end = time.nanoTime() + timeout.toNanos();
    synchronized (lock) {
      for (long left = timeout.toNanos(); open > 0 && left > 0; left = end - time.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(lock, left);
      }
    }
  }
}
