package dev.milepost.client;

import io.grpc.MethodDescriptor;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * A change of many jobs, which the server makes part by part: calls until there is no more, and
 * counts.
 *
 * @param request the request for the part that begins at a token; the first begins at none
 * @param count how many jobs an answer says
 * @param nextToken where the next part begins; empty where there is none
 */
record BulkChange<Q, R>(
    MethodDescriptor<Q, R> method,
    Function<String, Q> request,
    ToLongFunction<R> count,
    Function<R, String> nextToken) {
  CompletableFuture<Long> start(Calls calls) {
    CompletableFuture<Long> result = new CompletableFuture<>();
    next(calls, "", 0, result);
    return result;
  }

  private void next(Calls calls, String token, long before, CompletableFuture<Long> result) {
    CompletableFuture<R> part = calls.unary(method, request.apply(token));
    Futures.onDone(result, (total, thrown) -> part.cancel(false));
    Futures.onDone(
        part,
        (answer, thrown) -> {
          if (thrown != null) {
            result.completeExceptionally(Futures.unwrap(thrown));
          } else if (answer != null) {
            goOn(calls, answer, before + count.applyAsLong(answer), result);
          }
        });
  }

  private void goOn(Calls calls, R answer, long total, CompletableFuture<Long> result) {
    String token = nextToken.apply(answer);
    if (token.isEmpty()) {
      result.complete(total);
    } else if (!result.isDone()) {
      next(calls, token, total, result);
    }
  }
}
