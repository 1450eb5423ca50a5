package dev.milepost.server.transport;

import io.grpc.ServerCall;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The listener of a call that starts later: keeps its events until then. They are few, since no
 * message is requested before. Confined to the call's event loop.
 *
 * @param <Q> type of the call's requests
 */
public final class LateStart<Q> extends ServerCall.Listener<Q> {
  private final List<Consumer<ServerCall.Listener<Q>>> kept = new ArrayList<>();
  private ServerCall.@Nullable Listener<Q> started;

  /** A call that has not started. */
  public LateStart() {}

  /** Passes all events on, from the first one. */
  public void start(ServerCall.Listener<Q> listener) {
    started = listener;
    kept.forEach(event -> event.accept(listener));
    kept.clear();
  }

  private void pass(Consumer<ServerCall.Listener<Q>> event) {
    if (started == null) {
      kept.add(event);
    } else {
      event.accept(started);
    }
  }

  @Override
  public void onMessage(Q message) {
    pass(listener -> listener.onMessage(message));
  }

  @Override
  public void onHalfClose() {
    pass(ServerCall.Listener::onHalfClose);
  }

  @Override
  public void onCancel() {
    pass(ServerCall.Listener::onCancel);
  }

  @Override
  public void onComplete() {
    pass(ServerCall.Listener::onComplete);
  }

  @Override
  public void onReady() {
    pass(ServerCall.Listener::onReady);
  }
}
