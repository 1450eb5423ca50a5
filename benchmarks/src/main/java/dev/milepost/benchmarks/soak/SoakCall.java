package dev.milepost.benchmarks.soak;

import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/** One call of a soak: knows who waits for its end. */
final class SoakCall {
  private final Ending ending;

  SoakCall(Ending ending) {
    this.ending = ending;
  }

  /** Is told how a call went. */
  interface Ending {
    /** It went well, and was one of those whose latency is looked at. */
    void recorded();

    /** It went well. */
    void done();

    void failed(Throwable reason);
  }

  /** Takes the answer. */
  <A> StreamObserver<A> answer(Consumer<? super A> each) {
    return observer(each, ending::done);
  }

  /** The same for a call whose latency is looked at. */
  <A> StreamObserver<A> recorded(Consumer<? super A> each) {
    return observer(each, ending::recorded);
  }

  private <A> StreamObserver<A> observer(Consumer<? super A> each, Runnable end) {
    return new StreamObserver<>() {
      @Override
      public void onNext(A answer) {
        each.accept(answer);
      }

      @Override
      public void onError(Throwable reason) {
        ending.failed(reason);
      }

      @Override
      public void onCompleted() {
        end.run();
      }
    };
  }
}
