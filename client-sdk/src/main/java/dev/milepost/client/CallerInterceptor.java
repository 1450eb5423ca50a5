package dev.milepost.client;

import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Adds the caller, a request id and the trace context to each call. */
final class CallerInterceptor implements ClientInterceptor {
  private static final Metadata.Key<String> USER = key("x-milepost-user");
  private static final Metadata.Key<String> TENANT = key("x-milepost-tenant");
  private static final Metadata.Key<String> ROLES = key("x-milepost-roles");
  private static final Metadata.Key<String> REQUEST_ID = key("x-request-id");
  private static final Metadata.Key<String> TRACEPARENT = key("traceparent");

  private final @Nullable String user;
  private final @Nullable String tenant;
  private final @Nullable String roles;
  private final @Nullable CallCredentials credentials;

  CallerInterceptor(JobClientBuilder settings) {
    this.credentials = settings.credentials;
    this.tenant = settings.tenant;
    this.roles = settings.roles.isEmpty() ? null : names(settings.roles);
    this.user = settings.user == null && credentials == null ? nameOfThisUser() : settings.user;
  }

  private static String names(Set<Role> roles) {
    return roles.stream().map(Role::name).sorted().collect(Collectors.joining(","));
  }

  /** Returns the user's name, limited to the visible ASCII characters that a header can carry. */
  private static String nameOfThisUser() {
    String name = System.getProperty("user.name", "");
    return name.isEmpty() ? "unknown" : name.replaceAll("[^\\x21-\\x7e]", "_");
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    CallOptions withCredentials =
        credentials == null ? options : options.withCallCredentials(credentials);
    String traceparent = Tracing.TRACEPARENT.get();
    return new SimpleForwardingClientCall<>(next.newCall(method, withCredentials)) {
      @Override
      public void start(Listener<R> listener, Metadata headers) {
        if (user != null) {
          headers.put(USER, user);
        }
        if (tenant != null) {
          headers.put(TENANT, tenant);
        }
        if (roles != null) {
          headers.put(ROLES, roles);
        }
        headers.put(REQUEST_ID, UUID.randomUUID().toString());
        if (traceparent != null) {
          headers.put(TRACEPARENT, traceparent);
        }
        super.start(listener, headers);
      }
    };
  }
}
