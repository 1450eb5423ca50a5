package dev.milepost.server.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A role of a caller. A caller may have several. */
public enum Role {
  /** Creates jobs, sees and manages its own. */
  USER,
  /** Claims the jobs of its tenant, and reports on what it holds. */
  WORKER,
  /** Sees and manages all jobs of its tenant. */
  OPERATOR,
  /** Sees and manages the jobs of all tenants, and the server. */
  ADMIN;

  /**
   * Returns the role with a name. The case of ASCII letters does not matter. No other character is
   * folded: the upper case of a dotless i is an I, and must not make an ADMIN.
   *
   * @return empty if it is no role of this server
   */
  static Optional<Role> named(String name) {
    return name.chars().allMatch(character -> character < 128)
        ? Arrays.stream(values())
            .filter(role -> role.name().equals(name.toUpperCase(Locale.ROOT)))
            .findFirst()
        : Optional.empty();
  }
}
