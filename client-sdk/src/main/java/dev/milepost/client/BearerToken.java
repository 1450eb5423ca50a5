package dev.milepost.client;

import io.grpc.Attributes;
import io.grpc.CallCredentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Sends a token with each call: asked for anew each time, so that it may be rotated. It is not sent
 * in the clear to another machine, whatever the builder was told.
 */
final class BearerToken extends CallCredentials {
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final Supplier<String> token;

  BearerToken(Supplier<String> token) {
    this.token = token;
  }

  @Override
  public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
    if (call.getSecurityLevel() == SecurityLevel.NONE
        && mayLeaveMachine(call.getTransportAttrs())) {
      applier.fail(
          Status.UNAUTHENTICATED.withDescription(
              "The token was not sent, because the connection is not encrypted: use TLS."));
      return;
    }
    executor.execute(
        () -> {
          Metadata headers = new Metadata();
          try {
            headers.put(HEADER, "Bearer " + token.get());
          } catch (RuntimeException e) {
            // Whatever failed may quote the token: only its kind is told.
            applier.fail(
                Status.UNAUTHENTICATED.withDescription(
                    "The token supplier failed: " + e.getClass().getName()));
            return;
          }
          applier.apply(headers);
        });
  }

  private static boolean mayLeaveMachine(Attributes connection) {
    SocketAddress peer = connection.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    return peer == null
        || (peer instanceof InetSocketAddress inet
            && (inet.isUnresolved() || !inet.getAddress().isLoopbackAddress()));
  }
}
