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
 * Sends a bearer token with each call. Asks the supplier each time, so that the token can be
 * rotated. Never sends it unencrypted to another machine, whatever the builder's settings.
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
              "The token was not sent because the connection is not encrypted. Use TLS."));
      return;
    }
    executor.execute(
        () -> {
          Metadata headers = new Metadata();
          try {
            headers.put(HEADER, "Bearer " + token.get());
          } catch (RuntimeException e) {
            // The exception's message may contain the token: report only its class.
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
