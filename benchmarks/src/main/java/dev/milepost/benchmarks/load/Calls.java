package dev.milepost.benchmarks.load;

import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/** Observers of unary calls for a closed loop. */
public final class Calls {
  private Calls() {}

  /** Returns an observer that completes the operation with the call. */
  public static <A> StreamObserver<A> completing(ClosedLoop.Operation operation) {
    return completing(operation, () -> {});
  }

  /**
   * Returns an observer that completes the operation with the call.
   *
   * @param acknowledged runs before, if the call succeeded
   */
  public static <A> StreamObserver<A> completing(
      ClosedLoop.Operation operation, Runnable acknowledged) {
    return new StreamObserver<>() {
      @Override
      public void onNext(A answer) {}

      @Override
      public void onError(Throwable failure) {
        operation.failed(failure);
      }

      @Override
      public void onCompleted() {
        acknowledged.run();
        operation.done();
      }
    };
  }

  /** Returns an observer that passes the response on, and fails the operation if the call fails. */
  public static <A> StreamObserver<A> then(
      ClosedLoop.Operation operation, Consumer<? super A> next) {
    return new StreamObserver<>() {
      @Override
      public void onNext(A answer) {
        next.accept(answer);
      }

      @Override
      public void onError(Throwable failure) {
        operation.failed(failure);
      }

      @Override
      public void onCompleted() {}
    };
  }
}
