package dev.milepost.client;

import io.grpc.MethodDescriptor;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * A change to many jobs, which the server makes slice by slice: calls until no slice is left, and
 * adds up the counts.
 *
 * @param request builds the request for the slice at a token; empty: the first slice
 * @param count reads the number of changed jobs from a response
 * @param nextToken reads the token of the next slice from a response; empty after the last one
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
    CompletableFuture<R> call = calls.unary(method, request.apply(token));
    Futures.onDone(result, (total, thrown) -> call.cancel(false));
    Futures.onDone(
        call,
        (response, thrown) -> {
          if (thrown != null) {
            result.completeExceptionally(Futures.unwrap(thrown));
          } else if (response != null) {
            proceed(calls, response, before + count.applyAsLong(response), result);
          }
        });
  }

  private void proceed(Calls calls, R response, long total, CompletableFuture<Long> result) {
    String token = nextToken.apply(response);
    if (token.isEmpty()) {
      result.complete(total);
    } else if (!result.isDone()) {
      next(calls, token, total, result);
    }
  }
}
