package dev.milepost.server.settings;

import com.typesafe.config.Config;
import dev.milepost.server.access.Role;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Whom client certificates let in.
 *
 * @param name pattern of the name in a certificate that says who its bearer is
 * @param tenant tenant of all, where the pattern says none
 * @param roles what all of them are trusted with
 */
public record CertificateSettings(Pattern name, String tenant, Set<Role> roles) {
  /** Empty where no pattern is set. */
  static Optional<CertificateSettings> of(Config config) {
    String pattern = config.getString("name");
    if (pattern.isEmpty()) {
      return Optional.empty();
    }
    if (pattern.contains("(?<tenant>") == !config.getString("tenant").isEmpty()) {
      throw new SettingsException(
          "Client certificates need either a group (?<tenant>...) in"
              + " milepost.auth.client-certificates.name, or the setting .tenant beside it.");
    }
    Set<Role> roles = EnumSet.noneOf(Role.class);
    try {
      config.getStringList("roles").forEach(role -> roles.add(Role.valueOf(role)));
      if (roles.isEmpty()) {
        throw new IllegalArgumentException();
      }
    } catch (IllegalArgumentException e) {
      throw new SettingsException(
          "The setting milepost.auth.client-certificates.roles must list roles out of USER, WORKER,"
              + " OPERATOR, ADMIN.");
    }
    try {
      return Optional.of(
          new CertificateSettings(Pattern.compile(pattern), config.getString("tenant"), roles));
    } catch (PatternSyntaxException e) {
      throw SettingsException.unreadable(
          "The setting milepost.auth.client-certificates.name cannot be used", e);
    }
  }
}
