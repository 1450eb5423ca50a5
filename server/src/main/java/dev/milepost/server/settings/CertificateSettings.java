package dev.milepost.server.settings;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The accepted client certificates.
 *
 * @param name pattern of the name in a certificate that identifies the caller
 * @param tenant tenant of all callers; empty if the pattern has a group {@code tenant}
 * @param roles names of the roles of all callers; at least one
 */
public record CertificateSettings(Pattern name, String tenant, List<String> roles) {
  /** Empty if no pattern is set. */
  static Optional<CertificateSettings> of(Section config) {
    String pattern = config.string("name");
    if (pattern.isEmpty()) {
      return Optional.empty();
    }
    if (pattern.contains("(?<tenant>") == !config.string("tenant").isEmpty()) {
      throw new SettingsException(
          "Client certificates need either a group (?<tenant>...) in"
              + " milepost.auth.client-certificates.name, or"
              + " milepost.auth.client-certificates.tenant.");
    }
    List<String> roles = config.strings("roles");
    if (roles.isEmpty() || !Section.ROLES.containsAll(roles)) {
      throw config.invalid("roles", "list roles out of USER, WORKER, OPERATOR, ADMIN");
    }
    try {
      return Optional.of(
          new CertificateSettings(Pattern.compile(pattern), config.string("tenant"), roles));
    } catch (PatternSyntaxException e) {
      throw SettingsException.unreadable(
          "The setting milepost.auth.client-certificates.name is invalid", e);
    }
  }
}
