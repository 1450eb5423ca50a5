package dev.milepost.server.access;

import java.util.Set;

/**
 * Who makes a call, as its credential proves it: never by what the request says.
 *
 * @param tenantId tenant, never empty
 * @param userId user within the tenant, never empty
 * @param roles what it is trusted with, at least one
 */
public record Caller(String tenantId, String userId, Set<Role> roles) {
  /** Copies the roles. */
  public Caller {
    roles = Set.copyOf(roles);
  }

  /** Whether the caller has a role. */
  public boolean is(Role role) {
    return roles.contains(role);
  }
}
