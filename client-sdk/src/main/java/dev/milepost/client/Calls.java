package dev.milepost.client;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Makes unary calls with retries. Thread-safe. */
final class Calls {
  private final ManagedChannel connection;
  private final Channel channel;
  private final EventLoop timer;
  private final Duration callTimeout;

  /**
   * Creates calls on a channel.
   *
   * @param connection the underlying channel, whose reconnect backoff each new try resets
   */
  Calls(ManagedChannel connection, Channel channel, EventLoop timer, Duration callTimeout) {
    this.connection = connection;
    this.channel = channel;
    this.timer = timer;
    this.callTimeout = callTimeout;
  }

  /** Calls within the client's call timeout. */
  <Q, R> CompletableFuture<R> unary(MethodDescriptor<Q, R> method, Q request) {
    return unary(method, request, CallPolicy.forCaller(callTimeout));
  }

  /**
   * Calls until the server responds or rejects the request. The future fails with a {@link
   * JobException}; cancelling it cancels the call.
   */
  <Q, R> CompletableFuture<R> unary(MethodDescriptor<Q, R> method, Q request, CallPolicy policy) {
    return new UnaryCall<>(this, method, request, policy).start();
  }

  Duration callTimeout() {
    return callTimeout;
  }

  Channel channel() {
    return channel;
  }

  EventLoop timer() {
    return timer;
  }

  /** Lets the next call connect at once: this library's own backoff replaces gRPC's. */
  void resetConnectBackoff() {
    connection.resetConnectBackoff();
  }

  /** Lets the next call use a new connection, after the current one timed out. */
  void replaceConnection() {
    connection.enterIdle();
  }
}
