package dev.milepost.client;

import java.util.Optional;

/** What a caller may do; docs/PERMISSIONS.md lists it call by call. */
public enum Role {
  /** Creates jobs, sees and manages its own. */
  USER,
  /** Claims the jobs of its tenant, and reports on what it holds. */
  WORKER,
  /** Sees and manages all jobs of its tenant. */
  OPERATOR,
  /** Sees and manages the jobs of all tenants, and the server. */
  ADMIN;

  /** The role of a message; empty for one that this version does not know. */
  static Optional<Role> of(dev.milepost.v1.Role role) {
    return switch (role) {
      case ROLE_USER -> Optional.of(USER);
      case ROLE_WORKER -> Optional.of(WORKER);
      case ROLE_OPERATOR -> Optional.of(OPERATOR);
      case ROLE_ADMIN -> Optional.of(ADMIN);
      case ROLE_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }
}
