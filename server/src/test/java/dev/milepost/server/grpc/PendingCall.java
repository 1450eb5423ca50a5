package dev.milepost.server.grpc;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A unary call in progress. */
public final class PendingCall<Q, A> extends CompletableFuture<A>
    implements ClientResponseObserver<Q, A> {
  private volatile @Nullable ClientCallStreamObserver<Q> call;

  private PendingCall() {}

  /** Makes a call: {@code PendingCall.call(stub::getJob, request)}. */
  public static <Q, A> PendingCall<Q, A> call(
      BiConsumer<Q, io.grpc.stub.StreamObserver<A>> method, Q request) {
    PendingCall<Q, A> later = new PendingCall<>();
    method.accept(request, later);
    return later;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<Q> stream) {
    call = stream;
  }

  @Override
  public void onNext(A answer) {
    complete(answer);
  }

  @Override
  public void onError(Throwable failure) {
    completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {}

  /** Waits for the response. */
  public A soon() throws Exception {
    return get(20, TimeUnit.SECONDS);
  }

  /** Cancels the call. */
  public void cancel() {
    ClientCallStreamObserver<Q> current = call;
    if (current == null) {
      throw new IllegalStateException("not started");
    }
    current.cancel("enough", null);
  }
}
