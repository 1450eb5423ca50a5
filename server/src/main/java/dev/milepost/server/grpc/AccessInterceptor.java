package dev.milepost.server.grpc;

import dev.milepost.server.access.AccessException;
import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Authenticator;
import dev.milepost.server.access.CallMetadata;
import dev.milepost.server.access.Caller;
import dev.milepost.server.access.CredentialChecks;
import dev.milepost.server.access.DevelopmentAuthenticator;
import dev.milepost.server.access.IdentityHeaders;
import dev.milepost.server.job.CallerException;
import dev.milepost.server.transport.EventLoops;
import dev.milepost.server.transport.LateStart;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates every call and checks its caller's permission before any of the request is read.
 */
@Singleton
public final class AccessInterceptor implements ServerInterceptor {
  private final Authenticator authenticator;
  private final AccessPolicy policy;
  private final FailedCredentials failed;
  private final CredentialChecks checks;

  @Inject
  AccessInterceptor(
      Authenticator authenticator,
      AccessPolicy policy,
      FailedCredentials failed,
      CredentialChecks checks) {
    this.authenticator = authenticator;
    this.policy = policy;
    this.failed = failed;
    this.checks = checks;
  }

  /**
   * Returns the caller of the current call.
   *
   * @throws AccessException.Unauthenticated outside of a call that passed this interceptor
   */
  public static Caller caller() {
    return required(CallScope.current().caller());
  }

  /** Returns the caller as its credential proves it, before an impersonated tenant is applied. */
  static Caller provedCaller() {
    return required(CallScope.current().provedCaller());
  }

  private static Caller required(@Nullable Caller caller) {
    if (caller == null) {
      throw new AccessException.Unauthenticated("The call has no authenticated caller.");
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
    HeadersAndPeer metadata = new HeadersAndPeer(call, headers);
    return failed.isSuspect(call) && authenticator.isCostly(metadata)
        ? startLater(call, metadata, next)
        : start(call, metadata, next);
  }

  /** Starts a call after its credential was checked elsewhere: then the result is known. */
  private <Q, A> ServerCall.Listener<Q> startLater(
      ServerCall<Q, A> call, HeadersAndPeer metadata, ServerCallHandler<Q, A> next) {
    LateStart<Q> late = new LateStart<>();
    Executor loop = EventLoops.current();
    Runnable start =
        Context.current()
            .wrap(
                () -> {
                  try {
                    late.start(start(call, metadata, next));
                  } catch (RuntimeException | Error e) {
                    ErrorMap.close(call, e);
                  }
                });
    boolean isAccepted =
        checks.submit(
            FailedCredentials.addressOf(call),
            () -> {
              try {
                check(metadata);
              } finally {
                // Whatever the check has thrown: the call must end.
                loop.execute(start);
              }
            });
    if (!isAccepted) {
      failed.refuseUnchecked(call);
    }
    return late;
  }

  private void check(CallMetadata metadata) {
    try {
      var unused = authenticator.authenticate(metadata);
    } catch (CallerException e) {
      // The call is refused when it starts.
    }
  }

  private <Q, A> ServerCall.Listener<Q> start(
      ServerCall<Q, A> call, HeadersAndPeer metadata, ServerCallHandler<Q, A> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    try {
      IdentityHeaders.requireSingle(metadata);
      Caller proved = authenticator.authenticate(metadata);
      Caller caller = policy.home(proved, metadata.header(AccessPolicy.TENANT_HEADER).orElse(""));
      // Before the permission check, so that the audit log names refused callers too.
      CallScope.current().identify(caller, proved);
      policy.requireCall(caller, method);
    } catch (AccessException.Unauthenticated e) {
      CallScope.current().refuse(authenticator.presented(metadata));
      failed.refuse(call, e);
      return new ServerCall.Listener<>() {};
    } catch (CallerException e) {
      ErrorMap.close(call, e);
      return new ServerCall.Listener<>() {};
    }
    return next.startCall(call, metadata.headers());
  }

  private record HeadersAndPeer(ServerCall<?, ?> call, Metadata headers) implements CallMetadata {
    /** Cached, since creating a key validates its name. */
    private static final Map<String, Metadata.Key<String>> KEYS =
        Stream.of(
                AUTHORIZATION,
                AccessPolicy.TENANT_HEADER,
                DevelopmentAuthenticator.USER_HEADER,
                DevelopmentAuthenticator.ROLES_HEADER)
            .collect(Collectors.toUnmodifiableMap(name -> name, HeadersAndPeer::key));

    private static Metadata.Key<String> key(String name) {
      return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    @Override
    public List<String> headers(String name) {
      Metadata.Key<String> known = KEYS.get(name);
      Iterable<String> values = headers.getAll(known == null ? key(name) : known);
      if (values == null) {
        return List.of();
      }
      List<String> all = new ArrayList<>(1);
      values.forEach(all::add);
      return all;
    }

    @Override
    public boolean fromLoopback() {
      SocketAddress peer = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
      // The in-process transport has no socket address: the call comes from this process.
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
