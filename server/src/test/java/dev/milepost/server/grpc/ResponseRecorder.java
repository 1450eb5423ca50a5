package dev.milepost.server.grpc;

import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Records the responses of a call and how it ends. Thread-safe. */
final class ResponseRecorder<T> implements StreamObserver<T> {
  private final List<T> responses = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Void> end = new CompletableFuture<>();

  @Override
  public void onNext(T response) {
    responses.add(response);
  }

  @Override
  public void onError(Throwable failure) {
    end.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    end.complete(null);
  }

  /** Returns the responses so far. */
  List<T> responses() {
    return List.copyOf(responses);
  }

  /** Returns the last response so far. */
  T last() {
    return responses.get(responses.size() - 1);
  }

  /** Returns whether the call has completed or failed. */
  boolean isOver() {
    return end.isDone();
  }

  /** Waits for the call to end; fails with an ExecutionException if the call has failed. */
  void awaitEnd() throws Exception {
    end.get(20, TimeUnit.SECONDS);
  }

  /** Waits for the call to fail. */
  Failure awaitFailure() throws Exception {
    try {
      awaitEnd();
    } catch (ExecutionException e) {
      return Failure.of(e);
    }
    throw new AssertionError("The call completed with " + responses);
  }
}
