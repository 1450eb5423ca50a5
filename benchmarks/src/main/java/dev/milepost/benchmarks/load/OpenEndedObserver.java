package dev.milepost.benchmarks.load;

import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/**
 * Observes a stream that must not end: its end, an error and an unexpected message are failures.
 *
 * @param each receives each message; throws if it is unexpected
 * @param failures receives the failures
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
    failures.accept(new IllegalStateException("the server closed a stream"));
  }
}
