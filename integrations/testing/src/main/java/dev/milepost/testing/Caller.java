package dev.milepost.testing;

import dev.milepost.client.Role;
import java.util.Set;

/**
 * As whom a client makes its calls.
 *
 * @param roles at least one
 */
record Caller(String tenant, String user, Set<Role> roles) {
  Caller {
    roles = Set.copyOf(roles);
    if (roles.isEmpty()) {
      throw new IllegalArgumentException("A caller needs a role, such as Role.USER.");
    }
  }
}
