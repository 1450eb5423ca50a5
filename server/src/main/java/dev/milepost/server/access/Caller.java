package dev.milepost.server.access;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * The caller of a call, as proved by its credential, never taken from the request.
 *
 * @param tenantId tenant, never empty
 * @param userId user within the tenant, never empty
 * @param roles roles of the caller, at least one; none for the bearer of a share token
 * @param expireTime when the credential expires; empty if it does not
 * @param credentialId identifies the credential without revealing it, such as {@code token:4f1c...}
 * @param share the job whose progress it may see, and nothing else, as the bearer of a share token;
 *     empty for all other callers
 */
public record Caller(
    String tenantId,
    String userId,
    Set<Role> roles,
    Optional<Instant> expireTime,
    String credentialId,
    Optional<SharedJob> share) {
  /** Copies the roles. */
  public Caller {
    roles = Set.copyOf(roles);
  }

  /** Creates a caller with roles. */
  public Caller(
      String tenantId,
      String userId,
      Set<Role> roles,
      Optional<Instant> expireTime,
      String credentialId) {
    this(tenantId, userId, roles, expireTime, credentialId, Optional.empty());
  }

  /** Creates a caller whose credential does not expire. */
  public Caller(String tenantId, String userId, Set<Role> roles) {
    this(tenantId, userId, roles, Optional.empty(), "");
  }

  /** Returns whether the caller has a role. */
  public boolean is(Role role) {
    return roles.contains(role);
  }

  /** Returns the caller, with the same credential, as a user of another tenant. */
  Caller as(String tenant, String user) {
    return new Caller(tenant, user, roles, expireTime, credentialId, share);
  }
}
