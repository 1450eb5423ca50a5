package dev.milepost.testing;

import dev.milepost.server.access.Role;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * As whom a client makes its calls.
 *
 * @param roles at least one
 */
record Caller(String tenant, String user, Set<Role> roles) {
  private static final Metadata.Key<String> ROLES =
      Metadata.Key.of("x-milepost-roles", Metadata.ASCII_STRING_MARSHALLER);

  Caller {
    roles = Set.copyOf(roles);
    if (roles.isEmpty()) {
      throw new IllegalArgumentException("A caller needs a role, such as Role.USER.");
    }
  }

  /** Returns what adds the roles to each call; the client itself adds user and tenant. */
  ClientInterceptor withRoles() {
    String names = new TreeSet<>(roles).stream().map(Role::name).collect(Collectors.joining(","));
    return new ClientInterceptor() {
      @Override
      public <Q, R> ClientCall<Q, R> interceptCall(
          MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
          @Override
          public void start(Listener<R> listener, Metadata headers) {
            headers.put(ROLES, names);
            super.start(listener, headers);
          }
        };
      }
    };
  }
}
