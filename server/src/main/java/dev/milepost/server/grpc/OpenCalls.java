package dev.milepost.server.grpc;

import dev.milepost.server.access.AccessPolicy;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Counts the calls under way, so that a server that stops knows when the last has been answered.
 * Those that anybody may make do not count: who watches the server's health never ends by itself.
 */
final class OpenCalls implements ServerInterceptor {
  private final AccessPolicy policy;
  private final Object lock = new Object();
  private final Context.CancellationListener ended = over -> ended();

  /** Guarded by the lock. */
  private int open;

  OpenCalls(AccessPolicy policy) {
    this.policy = policy;
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

  /** Waits until no call is under way, or for so long. */
  void awaitNone(Duration most) throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    synchronized (lock) {
      for (long left = most.toNanos(); open > 0 && left > 0; left = end - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(lock, left);
      }
    }
  }
}
