package dev.milepost.client;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Makes unary calls with retries. Thread-safe. */
final class Calls {
  private final ManagedChannel connection;
  private final Channel channel;
  private final EventLoop timer;
  private final Duration callTimeout;
  private final Connectivity connectivity;
  private final Target target;
  private final boolean isPlaintext;

  /**
   * Creates calls on a channel.
   *
   * @param connection the underlying channel, whose reconnect backoff each new try resets
   */
  Calls(ManagedChannel connection, Channel channel, EventLoop timer, JobClientBuilder settings) {
    this.connection = connection;
    this.channel = channel;
    this.timer = timer;
    this.callTimeout = settings.callTimeout;
    this.target = settings.target;
    this.isPlaintext = Channels.isPlaintext(settings);
    this.connectivity = new Connectivity(target);
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

  Connectivity connectivity() {
    return connectivity;
  }

  /**
   * Finds out why a call got no answer; the future has null if a server has answered. Tells {@link
   * #connectivity} of it.
   *
   * @param startNanos when the call was tried
   */
  CompletableFuture<@Nullable ConnectionProblem> diagnose(ServerError error, long startNanos) {
    ConnectionProblem problem =
        connectivity.hasAnswered()
            ? ConnectionProblem.afterAnswers(error)
            : ConnectionProblem.of(error);
    if (problem == null) {
      noted(error, startNanos);
      return CompletableFuture.completedFuture(null);
    } else if (problem.equals(ConnectionProblem.CLOSED) && mayBeMistakenAboutTls()) {
      return TlsProbe.ask(target.servers().get(0))
          .thenApply(
              isTls ->
                  noted(
                      isTls ? ConnectionProblem.SPEAKS_TLS : ConnectionProblem.CLOSED, startNanos));
    }
    return CompletableFuture.completedFuture(noted(problem, startNanos));
  }

  private boolean mayBeMistakenAboutTls() {
    return isPlaintext && !connectivity.hasAnswered() && !target.servers().isEmpty();
  }

  private ConnectionProblem noted(ConnectionProblem problem, long startNanos) {
    if (!connection.isShutdown()) {
      connectivity.failed(problem.cause(), startNanos);
    }
    return problem;
  }

  /** A server that says that it is unavailable is as good as none. */
  private void noted(ServerError error, long startNanos) {
    if (error.code() == Status.Code.UNAVAILABLE) {
      connectivity.failed(error.message(), startNanos);
    } else if (!error.reason().isEmpty()) {
      connectivity.answered();
    }
  }

  /**
   * Returns the exception for a call that failed: one sentence with the target, the time and the
   * cause.
   *
   * @param what name of the call
   * @param problem why no server has answered; null if one has
   */
  JobException failure(
      String what, Tries tries, ServerError error, @Nullable ConnectionProblem problem) {
    if (connection.isShutdown() && error.reason().isEmpty()) {
      return ClientCore.closed();
    } else if (problem != null) {
      String sentence = "Cannot reach " + target + " " + tries + ": " + problem.cause();
      return new ServerUnavailableException(error.withMessage(sentence), problem.isPermanent());
    }
    String verb =
        switch (error.code()) {
          case UNAUTHENTICATED, PERMISSION_DENIED -> " refused ";
          case UNAVAILABLE -> " was unavailable for ";
          default -> "";
        };
    return verb.isEmpty()
        ? error.toException()
        : error
            .withMessage(target + verb + what + " " + tries + ": " + error.message())
            .toException();
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
