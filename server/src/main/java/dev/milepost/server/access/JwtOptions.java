package dev.milepost.server.access;

import java.time.Duration;

/**
 * The required claims of JWTs, and the claims that identify the caller.
 *
 * @param issuer required issuer
 * @param audience required audience
 * @param clockSkew how much the issuer's clock may differ
 * @param userClaim claim with the user; a dot leads into an object
 * @param tenantClaim claim with the tenant; empty if all callers share one
 * @param tenant tenant of all callers if {@code tenantClaim} is empty
 * @param rolesClaim claim with the roles: a list of names, or a string with spaces or commas
 */
public record JwtOptions(
    String issuer,
    String audience,
    Duration clockSkew,
    String userClaim,
    String tenantClaim,
    String tenant,
    String rolesClaim) {}
