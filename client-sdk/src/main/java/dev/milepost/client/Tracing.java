package dev.milepost.client;

import io.grpc.Context;

/**
 * Connects calls to a trace: the client sends the W3C {@code traceparent} of the current gRPC
 * context with each call.
 *
 * <pre>{@code
 * Context.current().withValue(Tracing.TRACEPARENT, span).run(() -> client.create(spec));
 * }</pre>
 */
public final class Tracing {
  /** The {@code traceparent} of calls made in a context. */
  public static final Context.Key<String> TRACEPARENT = Context.key("milepost-traceparent");

  private Tracing() {}
}
