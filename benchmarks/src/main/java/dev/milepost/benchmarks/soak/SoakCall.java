package dev.milepost.benchmarks.soak;

import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/** Creates the observers of one call of a soak. */
final class SoakCall {
  private final Callback completing;

  SoakCall(Callback completing) {
    this.completing = completing;
  }

  /** Receives the outcome of a call. */
  interface Callback {
    /** The call succeeded, and its latency is recorded. */
    void recorded();

    /** The call succeeded. */
    void done();

    void failed(Throwable reason);
  }

  /** Returns an observer of the response. */
  <A> StreamObserver<A> answer(Consumer<? super A> each) {
    return observer(each, completing::done);
  }

  /** Returns the same for a call whose latency is recorded. */
  <A> StreamObserver<A> recorded(Consumer<? super A> each) {
    return observer(each, completing::recorded);
  }

  private <A> StreamObserver<A> observer(Consumer<? super A> each, Runnable end) {
    return new StreamObserver<>() {
      @Override
      public void onNext(A answer) {
        each.accept(answer);
      }

      @Override
      public void onError(Throwable reason) {
        completing.failed(reason);
      }

      @Override
      public void onCompleted() {
        end.run();
      }
    };
  }
}
