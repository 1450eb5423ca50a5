package dev.milepost.client;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One unary call, including its retries. */
final class UnaryCall<Q, R> {
  private final Calls calls;
  private final MethodDescriptor<Q, R> method;
  private final Q request;
  private final CallPolicy policy;
  private final long deadlineNanos;

  /** The caller's trace context, saved because retries run on another thread. */
  private final @Nullable String traceparent = Tracing.TRACEPARENT.get();

  private final Backoff backoff = Backoff.standard();
  private final CompletableFuture<R> result = new CompletableFuture<>();
  private volatile @Nullable ClientCall<Q, R> current;
  private final Tries tries = new Tries();
  private long startNanos;
  private @Nullable ConnectionProblem lastProblem;
  private boolean triedWithoutAnswer;

  UnaryCall(Calls calls, MethodDescriptor<Q, R> method, Q request, CallPolicy policy) {
    this.calls = calls;
    this.method = method;
    this.request = request;
    this.policy = policy;
    this.deadlineNanos = System.nanoTime() + policy.overall().toNanos();
  }

  CompletableFuture<R> start() {
    Futures.onDone(result, (response, thrown) -> cancelIfUnwanted());
    tryOnce();
    return result;
  }

  private void tryOnce() {
    if (result.isDone()) {
      return;
    }
    tries.add();
    startNanos = System.nanoTime();
    long nanos =
        Math.max(1, Math.min(deadlineNanos - System.nanoTime(), policy.perTry().toNanos()));
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(nanos, TimeUnit.NANOSECONDS);
    if (policy.executor() != null) {
      options = options.withExecutor(policy.executor());
    }
    CallOptions chosen = options;
    Context traced = Context.current().withValue(Tracing.TRACEPARENT, traceparent);
    traced.run(
        () -> {
          ClientCall<Q, R> call = calls.channel().newCall(method, chosen);
          current = call;
          ClientCalls.asyncUnaryCall(call, request, new Response());
        });
    cancelIfUnwanted();
  }

  private void cancelIfUnwanted() {
    ClientCall<Q, R> call = current;
    if (call != null && result.isCancelled()) {
      call.cancel("the caller cancelled the call", null);
    }
  }

  private void failed(Throwable thrown) {
    ServerError error = ServerError.of(thrown);
    Futures.onDone(
        calls.diagnose(error, startNanos), (problem, never) -> retryOrFail(error, problem));
  }

  private void retryOrFail(ServerError error, @Nullable ConnectionProblem problem) {
    Duration wait = backoff.next(error);
    boolean timeIsLeft = deadlineNanos - System.nanoTime() > wait.toNanos();
    if (policy.retries(error, problem) && timeIsLeft) {
      triedWithoutAnswer = true;
      lastProblem = problem;
      if (error.code() == Status.Code.DEADLINE_EXCEEDED) {
        calls.replaceConnection();
      } // Fails once the client is closed: then the last error is the result.
      if (calls.timer().runIn(wait, this::tryAgain)) {
        return;
      }
    }
    ServerError last = triedWithoutAnswer ? error.onLaterTry() : error;
    result.completeExceptionally(
        calls.failure(method.getBareMethodName(), tries, last, meaningful(problem)));
  }

  /** The last try may have had too little time for more than no answer: the one before says why. */
  private @Nullable ConnectionProblem meaningful(@Nullable ConnectionProblem problem) {
    boolean isCutShort = System.nanoTime() - startNanos < policy.perTry().toNanos();
    return ConnectionProblem.NO_ANSWER.equals(problem) && isCutShort && lastProblem != null
        ? lastProblem
        : problem;
  }

  private void tryAgain() {
    calls.resetConnectBackoff();
    tryOnce();
  }

  private final class Response implements StreamObserver<R> {
    private @Nullable R response;

    @Override
    public void onNext(R message) {
      response = message;
    }

    @Override
    public void onError(Throwable thrown) {
      failed(thrown);
    }

    @Override
    public void onCompleted() {
      if (response == null) {
        failed(Status.INTERNAL.withDescription("the response has no message").asException());
      } else {
        calls.connectivity().answered();
        result.complete(response);
      }
    }
  }
}
