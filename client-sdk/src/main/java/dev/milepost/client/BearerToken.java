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
import org.jspecify.annotations.Nullable;

/**
 * Sends a bearer token with each call. Asks the supplier each time, so that the token can be
 * rotated. Never sends it unencrypted to another machine, whatever the builder's settings.
 */
final class BearerToken extends CallCredentials {
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private static final String PREFIX = "Bearer ";

  /** What servers accept in all headers together is not much more. */
  private static final int MAX_LENGTH = 8_000;

  private final Supplier<String> token;

  BearerToken(Supplier<String> token) {
    this.token = token;
  }

  @Override
  public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
    if (call.getSecurityLevel() == SecurityLevel.NONE
        && mayLeaveMachine(call.getTransportAttrs())) {
      applier.fail(
          refusal("The token was not sent because the connection is not encrypted. Use TLS."));
      return;
    }
    executor.execute(
        () -> {
          String current;
          try {
            current = token.get();
          } catch (Throwable e) {
            // Whatever it is, the call must end. Its message may contain the token.
            applier.fail(refusal("The token supplier failed: " + e.getClass().getName()));
            return;
          }
          try {
            Metadata headers = new Metadata();
            headers.put(HEADER, PREFIX + checked(current));
            applier.apply(headers);
          } catch (IllegalArgumentException e) {
            applier.fail(refusal("The token supplier returned no token. " + e.getMessage()));
          }
        });
  }

  private static Status refusal(String why) {
    return Status.UNAUTHENTICATED.withDescription(why);
  }

  /**
   * Returns a token without blanks around it, as files often end with a line break.
   *
   * @throws IllegalArgumentException if a header cannot carry it; the message does not quote it
   */
  static String checked(@Nullable String token) {
    if (token == null) {
      throw new IllegalArgumentException("token: must not be null");
    }
    String stripped = token.strip();
    if (stripped.isEmpty()) {
      throw new IllegalArgumentException("token: must not be blank");
    } else if (stripped.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "token: must have at most " + MAX_LENGTH + " characters, but has " + stripped.length());
    } else if (stripped.regionMatches(true, 0, PREFIX, 0, PREFIX.length())) {
      throw new IllegalArgumentException("token: must be without \"Bearer\", which is added to it");
    }
    for (int i = 0; i < stripped.length(); i++) {
      if (stripped.charAt(i) <= ' ' || stripped.charAt(i) > '~') {
        throw new IllegalArgumentException(
            "token: must consist of visible ASCII characters, but character "
                + (i + 1)
                + " of "
                + stripped.length()
                + " is none; is it the right file or variable?");
      }
    }
    return stripped;
  }

  private static boolean mayLeaveMachine(Attributes connection) {
    SocketAddress peer = connection.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    return peer == null
        || (peer instanceof InetSocketAddress inet
            && (inet.isUnresolved() || !inet.getAddress().isLoopbackAddress()));
  }
}
