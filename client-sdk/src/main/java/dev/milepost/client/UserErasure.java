package dev.milepost.client;

import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.EraseUserRequest;
import dev.milepost.v1.EraseUserResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Erases a user slice by slice: calls until nothing is left, and adds up what was removed. */
final class UserErasure {
  /** Running jobs that were asked to stop leave when they confirm; asking is cheap. */
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final Calls calls;
  private final EraseUserRequest request;
  private final CompletableFuture<EraseUserResponse> result = new CompletableFuture<>();

  UserErasure(Calls calls, EraseUserRequest request) {
    this.calls = calls;
    this.request = request;
  }

  CompletableFuture<EraseUserResponse> start() {
    next(EraseUserResponse.newBuilder().setErasureId(request.getErasureId()).build());
    return result;
  }

  private void next(EraseUserResponse before) {
    CompletableFuture<EraseUserResponse> call =
        calls.unary(
            AdminServiceGrpc.getEraseUserMethod(),
            request.toBuilder().setErasureId(before.getErasureId()).build());
    Futures.cancelTogether(result, call);
    Futures.onDone(
        call,
        (response, thrown) -> {
          if (thrown != null) {
            result.completeExceptionally(Futures.unwrap(thrown));
          } else if (response != null) {
            proceed(plus(before, response));
          }
        });
  }

  private void proceed(EraseUserResponse total) {
    if (total.getComplete() || request.getValidateOnly()) {
      result.complete(total);
    } else if (!result.isDone() && !calls.timer().runIn(PAUSE, () -> next(total))) {
      result.completeExceptionally(new ServerUnavailableException("the client is closed"));
    }
  }

  private static EraseUserResponse plus(EraseUserResponse before, EraseUserResponse slice) {
    return slice.toBuilder()
        .setErasedJobs(before.getErasedJobs() + slice.getErasedJobs())
        .setErasedBytes(before.getErasedBytes() + slice.getErasedBytes())
        .setErasedRequests(before.getErasedRequests() + slice.getErasedRequests())
        .build();
  }
}
