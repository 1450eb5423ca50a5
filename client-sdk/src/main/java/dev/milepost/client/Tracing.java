package dev.milepost.client;

import io.grpc.Context;

/**
 * What ties calls to a trace. Put a W3C {@code traceparent} into the context of a call, and the
 * server is sent it:
 *
 * <pre>{@code
 * Context.current().withValue(Tracing.TRACEPARENT, span).run(() -> client.create(spec));
 * }</pre>
 */
public final class Tracing {
  /** The {@code traceparent} of calls that are made in a context. */
  public static final Context.Key<String> TRACEPARENT = Context.key("milepost-traceparent");

  private Tracing() {}
}
