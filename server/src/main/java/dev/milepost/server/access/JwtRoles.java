package dev.milepost.server.access;

import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Determines the roles of this server among the names that an issuer lists. Names that are neither
 * mapped nor a role are ignored, since issuers also list roles of other systems.
 *
 * @param claim the claim with the names; a dot leads into an object
 * @param prefix what a name must begin with to be a role of this server, such as {@code milepost:};
 *     empty: nothing
 * @param mapped roles by the exact name, without the prefix
 */
public record JwtRoles(String claim, String prefix, Map<String, Role> mapped) {
  /** Copies the map. */
  public JwtRoles {
    mapped = Map.copyOf(mapped);
  }

  /**
   * Returns the roles in the claim's value: a list of names, or a text with spaces or commas
   * between them.
   *
   * @return empty if the value is neither
   */
  Optional<Set<Role>> in(@Nullable Object value) {
    Collection<?> names;
    if (value instanceof Collection<?> list) {
      names = list;
    } else if (value instanceof String text) {
      names = List.of(text.split("[ ,]+", -1));
    } else {
      return Optional.empty();
    }
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (Object name : names) {
      if (!(name instanceof String text)) {
        return Optional.empty();
      }
      role(text).ifPresent(roles::add);
    }
    return Optional.of(roles);
  }

  private Optional<Role> role(String name) {
    Role known = mapped.get(name);
    if (known != null) {
      return Optional.of(known);
    }
    return name.startsWith(prefix) ? Role.named(name.substring(prefix.length())) : Optional.empty();
  }
}
