package dev.milepost.server.access;

import java.time.Duration;

/**
 * What a JWT must say, and where it says who its bearer is.
 *
 * @param issuer who must have issued it
 * @param audience whom it must be for
 * @param clockSkew how much the issuer's clock may differ
 * @param userClaim where the user stands; a dot leads into an object
 * @param tenantClaim where the tenant stands; empty where all are of one
 * @param tenant tenant of all, where there is no such claim
 * @param rolesClaim where the roles stand: a list of names, or names with blanks or commas between
 */
public record JwtOptions(
    String issuer,
    String audience,
    Duration clockSkew,
    String userClaim,
    String tenantClaim,
    String tenant,
    String rolesClaim) {}
