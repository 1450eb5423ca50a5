package dev.milepost.server.access;

import java.time.Duration;
import java.util.Set;

/**
 * The required claims of JWTs, and the claims that identify the caller.
 *
 * @param issuer required issuer
 * @param audience required audience
 * @param clockSkew how much the issuer's clock may differ
 * @param userClaim claim with the user; a dot leads into an object
 * @param tenantClaim claim with the tenant; empty if all callers share one
 * @param tenant tenant of all callers if {@code tenantClaim} is empty
 * @param roles where the roles are, and how they are named
 * @param maxLifetime how far ahead the expiry may be
 * @param types accepted types of tokens, such as {@code at+jwt}; empty: all
 */
public record JwtOptions(
    String issuer,
    String audience,
    Duration clockSkew,
    String userClaim,
    String tenantClaim,
    String tenant,
    JwtRoles roles,
    Duration maxLifetime,
    Set<String> types) {
  /** Copies the types. */
  public JwtOptions {
    types = Set.copyOf(types);
  }
}
