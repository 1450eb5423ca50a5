package dev.milepost.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Makes unary calls, again and again where that helps. Thread-safe. */
final class Calls {
  private final ManagedChannel connection;
  private final Channel channel;
  private final EventLoop timer;
  private final Duration callTimeout;

  /**
   * Calls on a channel.
   *
   * @param connection the channel below, whose own waits between connections are cut short by each
   *     new try
   */
  Calls(ManagedChannel connection, Channel channel, EventLoop timer, Duration callTimeout) {
    this.connection = connection;
    this.channel = channel;
    this.timer = timer;
    this.callTimeout = callTimeout;
  }

  /** Calls as callers do: within the client's call timeout. */
  <Q, R> CompletableFuture<R> unary(MethodDescriptor<Q, R> method, Q request) {
    return unary(method, request, CallPolicy.forCaller(callTimeout));
  }

  /**
   * Calls until answered or refused. The future fails with a {@link JobException}; cancelling it
   * ends the call.
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

  /**
   * Lets the next call connect at once, whatever gRPC's own waits say: ours are the ones that
   * count.
   */
  void resetConnectBackoff() {
    connection.resetConnectBackoff();
  }

  /**
   * Lets the next call go by a new connection: on the present one, an answer was awaited too long.
   */
  void replaceConnection() {
    connection.enterIdle();
  }

  <Q, R> io.grpc.ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
    return channel.newCall(method, options);
  }
}
