package dev.milepost.server.grpc;

import dev.milepost.server.access.Caller;
import dev.milepost.server.transport.EventLoops;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** Answers a unary call: maps the error or sends the response. */
public final class Answers {
  private Answers() {}

  /**
   * Answers a call on its own event loop once the work for its caller is done. Treats an exception
   * or error that the work throws like one that fails its stage.
   */
  public static <T> void answer(
      StreamObserver<T> observer, Function<Caller, CompletionStage<T>> work) {
    ServerCallStreamObserver<T> out = (ServerCallStreamObserver<T>) observer;
    // Without a handler, sending a response to a cancelled call throws.
    out.setOnCancelHandler(() -> {});
    Context context = Context.current();
    Executor loop = EventLoops.current();
    CompletionStage<T> stage;
    try {
      stage = work.apply(AccessInterceptor.caller());
    } catch (RuntimeException | Error e) {
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
                            send(out, answer);
                          }
                        })));
  }

  /** Sends a response; an error on the way, such as a lack of memory, ends the call with itself. */
  static <T> void send(StreamObserver<T> out, T answer) {
    try {
      out.onNext(answer);
      out.onCompleted();
    } catch (RuntimeException | Error e) {
      out.onError(ErrorMap.toException(e));
    }
  }
}
