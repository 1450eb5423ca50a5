package dev.milepost.server.grpc;

import dev.milepost.server.access.AccessException;
import dev.milepost.server.watch.Watch;
import dev.milepost.server.watch.WatchSink;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The response stream of a watch. The watch sends only while the transport is ready, so a slow
 * reader does not use the server's memory.
 *
 * @param <T> the responses
 */
final class WatchStream<T> implements WatchSink<T> {
  private final ServerCallStreamObserver<T> out;
  private final String positionField;
  private final Context call = Context.current();
  private volatile @Nullable Watch watch;

  /**
   * Sets the stream's handlers. Must be called before the service method returns.
   *
   * @param positionField field of the request that takes a position to resume from; empty if there
   *     is none
   */
  WatchStream(StreamObserver<T> out, String positionField) {
    this.out = (ServerCallStreamObserver<T>) out;
    this.positionField = positionField;
    this.out.setOnReadyHandler(this::becameReady);
    this.out.setOnCancelHandler(this::cancelled);
  }

  /**
   * Opens the watch that sends to this stream, and ends it when its caller's credential is no
   * longer valid.
   *
   * @param opening may throw or fail, which fails the stream
   */
  void open(Reauthorization reauthorization, Supplier<CompletionStage<Watch>> opening) {
    try {
      opening
          .get()
          .whenComplete(
              (opened, failure) -> {
                if (failure != null) {
                  failed(failure, "");
                } else {
                  follow(opened);
                  call.run(() -> reauthorization.watch(opened::end));
                }
              });
    } catch (RuntimeException | Error e) {
      failed(e, "");
    }
  }

  private void follow(Watch opened) {
    watch = opened;
    if (out.isCancelled()) {
      opened.close();
    } else {
      // The transport may have become ready before the watch was known.
      opened.ready();
    }
  }

  private void becameReady() {
    Watch opened = watch;
    if (opened != null) {
      opened.ready();
    }
  }

  private void cancelled() {
    Watch opened = watch;
    if (opened != null) {
      opened.close();
    }
  }

  @Override
  public boolean isReady() {
    return out.isReady();
  }

  @Override
  public void next(T response) {
    out.onNext(response);
  }

  @Override
  public void completed() {
    out.onCompleted();
  }

  @Override
  public void failed(Throwable reason, String position) {
    call.run(
        () ->
            out.onError(
                reason instanceof AccessException.Unauthenticated unknown
                        && !positionField.isEmpty()
                    ? ErrorMap.unauthenticatedAt(unknown, positionField, position)
                    : ErrorMap.toException(reason)));
  }
}
