package dev.milepost.benchmarks.load;

import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/**
 * Takes what comes on a stream that is not to end: an end, an error, and a message that is not
 * right are failures alike.
 */
public record OpenEndedObserver<A>(Consumer<A> each, Consumer<Throwable> failures)
    implements StreamObserver<A> {
  @Override
  public void onNext(A message) {
    try {
      each.accept(message);
    } catch (RuntimeException e) {
      failures.accept(e);
    }
  }

  @Override
  public void onError(Throwable failure) {
    failures.accept(failure);
  }

  @Override
  public void onCompleted() {
    failures.accept(new IllegalStateException("the server has ended a stream"));
  }
}
