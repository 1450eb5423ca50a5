package dev.milepost.server.grpc;

import dev.milepost.server.access.AccessException;
import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Authenticator;
import dev.milepost.server.access.CallMetadata;
import dev.milepost.server.access.Caller;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Finds out who calls, and whether they may make this call at all, before anything of the call is
 * read.
 */
final class AccessInterceptor implements ServerInterceptor {
  private static final Context.Key<Caller> CALLER = Context.key("milepost-caller");
  private static final Context.Key<Caller> PROVED = Context.key("milepost-proved-caller");

  private final Authenticator authenticator;
  private final AccessPolicy policy;

  AccessInterceptor(Authenticator authenticator, AccessPolicy policy) {
    this.authenticator = authenticator;
    this.policy = policy;
  }

  /**
   * Who makes the call that is being answered.
   *
   * @throws AccessException.Unauthenticated outside of a call that passed this interceptor
   */
  static Caller caller() {
    return required(CALLER);
  }

  /** The same as its credential proves it, wherever it has made itself at home. */
  static Caller provedCaller() {
    return required(PROVED);
  }

  private static Caller required(Context.Key<Caller> key) {
    Caller caller = key.get();
    if (caller == null) {
      throw new AccessException.Unauthenticated("Nobody knows who makes this call.");
    }
    return caller;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    if (policy.isPublic(method)) {
      return next.startCall(call, headers);
    }
    Caller proved;
    Caller caller;
    try {
      CallMetadata metadata = new HeadersAndPeer(call, headers);
      proved = authenticator.authenticate(metadata);
      caller = policy.home(proved, metadata.header(AccessPolicy.TENANT_HEADER).orElse(""));
      AuditInterceptor.heardFrom(caller);
      policy.requireCall(caller, method);
    } catch (AccessException e) {
      ErrorMap.close(call, e);
      return new ServerCall.Listener<>() {};
    }
    Context context = Context.current().withValues(CALLER, caller, PROVED, proved);
    return Contexts.interceptCall(context, call, headers, next);
  }

  private record HeadersAndPeer(ServerCall<?, ?> call, Metadata headers) implements CallMetadata {
    /** The names that are asked for are few, and making a key checks its name letter by letter. */
    private static final ConcurrentHashMap<String, Metadata.Key<String>> KEYS =
        new ConcurrentHashMap<>();

    @Override
    public Optional<String> header(String name) {
      Metadata.Key<String> key = KEYS.get(name);
      if (key == null) {
        key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
        KEYS.put(name, key);
      }
      return Optional.ofNullable(headers.get(key));
    }

    @Override
    public boolean fromLoopback() {
      SocketAddress peer = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
      // An in-process transport has an address of another kind: it does not leave this process at
      // all.
      return peer != null
          && (!(peer instanceof InetSocketAddress inet)
              || (inet.getAddress() != null && inet.getAddress().isLoopbackAddress()));
    }

    @Override
    public List<X509Certificate> clientCertificates() {
      SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
      if (session == null) {
        return List.of();
      }
      try {
        return Arrays.stream(session.getPeerCertificates())
            .filter(X509Certificate.class::isInstance)
            .map(X509Certificate.class::cast)
            .toList();
      } catch (SSLPeerUnverifiedException e) {
        return List.of(); // It showed none.
      }
    }
  }
}
