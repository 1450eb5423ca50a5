package dev.milepost.benchmarks;

import io.grpc.stub.StreamObserver;

/** Waits for the answers of unary calls. */
final class Calls {
  private Calls() {}

  /** Tells the turn of a closed loop how the call went. */
  static <A> StreamObserver<A> ending(ClosedLoop.Turn turn) {
    return ending(turn, () -> {});
  }

  /**
   * Tells the turn of a closed loop how the call went.
   *
   * @param acknowledged runs before, where it went well
   */
  static <A> StreamObserver<A> ending(ClosedLoop.Turn turn, Runnable acknowledged) {
    return new StreamObserver<>() {
      @Override
      public void onNext(A answer) {}

      @Override
      public void onError(Throwable failure) {
        turn.failed(failure);
      }

      @Override
      public void onCompleted() {
        acknowledged.run();
        turn.done();
      }
    };
  }
}
