package dev.milepost.server.access;

import dev.milepost.server.job.Names;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Trusts the headers of a call without proof: for development, and from this machine only. A call
 * that a proxy on this machine has forwarded comes from elsewhere, and is refused.
 *
 * <p>{@code x-milepost-user} is required. {@code x-milepost-tenant} defaults to {@code default},
 * and {@code x-milepost-roles} (comma-separated names) to USER and WORKER.
 */
public final class DevelopmentAuthenticator implements CredentialKind {
  /** Header that names the user. */
  public static final String USER_HEADER = "x-milepost-user";

  /** Header that names the tenant. */
  public static final String TENANT_HEADER = "x-milepost-tenant";

  /** Header that names the roles. */
  public static final String ROLES_HEADER = "x-milepost-roles";

  /** Tenant of a call without the tenant header. */
  public static final String DEFAULT_TENANT = "default";

  /** Headers that proxies add to what they forward. */
  private static final List<String> FORWARDED =
      List.of(
          "forwarded",
          "via",
          "x-forwarded-for",
          "x-forwarded-host",
          "x-forwarded-proto",
          "x-forwarded-port",
          "x-forwarded-server",
          "x-real-ip",
          "x-client-ip",
          "true-client-ip",
          "cf-connecting-ip",
          "x-envoy-external-address",
          "x-envoy-internal");

  @Override
  public String accepted() {
    return "the header " + USER_HEADER + " from this machine";
  }

  @Override
  public boolean isPresent(CallMetadata call) {
    return call.header(USER_HEADER).isPresent();
  }

  @Override
  public String presented(CallMetadata call) {
    return "development";
  }

  @Override
  public Caller authenticate(CallMetadata call) {
    if (!call.fromLoopback()) {
      throw new AccessException.Unauthenticated(
          "Development credentials are accepted from this machine only.");
    }
    requireDirect(call);
    String user =
        call.header(USER_HEADER)
            .orElseThrow(
                () ->
                    new AccessException.Unauthenticated(
                        "The header " + USER_HEADER + " is missing."));
    String tenant = call.header(TENANT_HEADER).orElse(DEFAULT_TENANT);
    return new Caller(
        name(TENANT_HEADER, tenant), name(USER_HEADER, user), roles(call.header(ROLES_HEADER)));
  }

  private static void requireDirect(CallMetadata call) {
    for (String header : FORWARDED) {
      if (!call.headers(header).isEmpty()) {
        throw new AccessException.Unauthenticated(
            "This server runs in development mode, where callers are not authenticated, and this"
                + " call was forwarded by a proxy (header "
                + header
                + "). Set milepost.auth.tokens.file on the server to require real credentials.");
      }
    }
  }

  private static String name(String header, String value) {
    if (!Names.isName(value)) {
      throw new AccessException.Unauthenticated(
          "The header " + header + " must be " + Names.RULE + ".");
    }
    return value;
  }

  private static Set<Role> roles(Optional<String> header) {
    if (header.isEmpty()) {
      return EnumSet.of(Role.USER, Role.WORKER);
    }
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (String name : header.get().split(" *, *", -1)) {
      roles.add(
          Role.named(name)
              .orElseThrow(
                  () ->
                      new AccessException.Unauthenticated(
                          "The header "
                              + ROLES_HEADER
                              + " must be a list of roles: USER, WORKER, OPERATOR, ADMIN.")));
    }
    return roles;
  }
}
