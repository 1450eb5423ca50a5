package dev.milepost.benchmarks.load;

import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/** Waits for the answers of unary calls. */
public final class Calls {
  private Calls() {}

  /** Tells the turn of a closed loop how the call went. */
  public static <A> StreamObserver<A> ending(ClosedLoop.Turn turn) {
    return ending(turn, () -> {});
  }

  /**
   * Tells the turn of a closed loop how the call went.
   *
   * @param acknowledged runs before, where it went well
   */
  public static <A> StreamObserver<A> ending(ClosedLoop.Turn turn, Runnable acknowledged) {
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

  /** Goes on with the answer of a unary call; where it fails, so has the turn. */
  public static <A> StreamObserver<A> then(ClosedLoop.Turn turn, Consumer<? super A> next) {
    return new StreamObserver<>() {
      @Override
      public void onNext(A answer) {
        next.accept(answer);
      }

      @Override
      public void onError(Throwable failure) {
        turn.failed(failure);
      }

      @Override
      public void onCompleted() {}
    };
  }
}
