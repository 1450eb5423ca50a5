package dev.milepost.client;

import io.grpc.MethodDescriptor;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A change to many jobs, which the server makes slice by slice: calls until no slice is left, and
 * adds up the counts.
 *
 * @param request builds the request for the slice at a token; empty: the first slice
 * @param count reads the numbers of jobs from a response
 * @param nextToken reads the token of the next slice from a response; empty after the last one
 */
record BulkChange<Q, R>(
    MethodDescriptor<Q, R> method,
    Function<String, Q> request,
    Function<R, BulkCount> count,
    Function<R, String> nextToken) {
  CompletableFuture<BulkCount> start(Calls calls) {
    CompletableFuture<BulkCount> result = new CompletableFuture<>();
    next(calls, "", BulkCount.NONE, result);
    return result;
  }

  private void next(
      Calls calls, String token, BulkCount before, CompletableFuture<BulkCount> result) {
    CompletableFuture<R> call = calls.unary(method, request.apply(token));
    Futures.onDone(result, (total, thrown) -> call.cancel(false));
    Futures.onDone(
        call,
        (response, thrown) -> {
          if (thrown != null) {
            result.completeExceptionally(Futures.unwrap(thrown));
          } else if (response != null) {
            proceed(calls, response, before.plus(count.apply(response)), result);
          }
        });
  }

  private void proceed(
      Calls calls, R response, BulkCount total, CompletableFuture<BulkCount> result) {
    String token = nextToken.apply(response);
    if (token.isEmpty()) {
      result.complete(total);
    } else if (!result.isDone()) {
      next(calls, token, total, result);
    }
  }
}
