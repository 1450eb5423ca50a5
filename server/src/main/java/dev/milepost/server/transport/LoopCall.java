package dev.milepost.server.transport;

import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of a local call: does everything on one event loop, in order, so that the
 * service runs there as it does for a call of the network. Thread-safe.
 *
 * @param <Q> type of the requests
 * @param <A> type of the responses
 */
final class LoopCall<Q, A> extends SimpleForwardingClientCall<Q, A> {
  private final Executor loop;
  private final CallOrigin origin;

  LoopCall(ClientCall<Q, A> call, Executor loop, CallOrigin origin) {
    super(call);
    this.loop = loop;
    this.origin = origin;
  }

  @Override
  public void start(Listener<A> listener, Metadata headers) {
    origin.addTo(headers);
    try {
      loop.execute(() -> super.start(listener, headers));
    } catch (RejectedExecutionException e) {
      listener.onClose(
          Status.UNAVAILABLE.withDescription("The server is shutting down."), new Metadata());
    }
  }

  @Override
  public void request(int messages) {
    run(() -> super.request(messages));
  }

  @Override
  public void sendMessage(Q message) {
    run(() -> super.sendMessage(message));
  }

  @Override
  public void halfClose() {
    run(super::halfClose);
  }

  @Override
  public void cancel(@Nullable String message, @Nullable Throwable cause) {
    run(() -> super.cancel(message, cause));
  }

  private void run(Runnable action) {
    try {
      loop.execute(action);
    } catch (RejectedExecutionException e) {
      // The loops close after all calls have ended.
    }
  }
}
