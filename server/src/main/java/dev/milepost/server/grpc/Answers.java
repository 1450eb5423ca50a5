package dev.milepost.server.grpc;

import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** The last two moves of every unary call: map the error, answer. */
public final class Answers {
  private Answers() {}

  /**
   * Answers a call when its work is done, on the call's own event loop. A refusal thrown at once
   * and one that fails the stage are answered alike.
   */
  public static <T> void answer(StreamObserver<T> observer, Supplier<CompletionStage<T>> work) {
    ServerCallStreamObserver<T> out = (ServerCallStreamObserver<T>) observer;
    // Without a handler, answering somebody who has hung up would throw.
    out.setOnCancelHandler(() -> {});
    Context context = Context.current();
    Executor loop = EventLoops.current();
    CompletionStage<T> stage;
    try {
      stage = work.get();
    } catch (RuntimeException e) {
      out.onError(ErrorMap.toException(e));
      return;
    }
    stage.whenComplete(
        (answer, failure) ->
            loop.execute(
                () ->
                    context.run(
                        () -> {
                          if (failure != null) {
                            out.onError(ErrorMap.toException(failure));
                          } else {
                            out.onNext(answer);
                            out.onCompleted();
                          }
                        })));
  }
}
