package dev.milepost.server.settings;

import com.typesafe.config.Config;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The accepted JWTs.
 *
 * @param issuer required issuer
 * @param audience required audience
 * @param clockSkew how much the issuer's clock may differ, 0 to 5 minutes
 * @param userClaim claim with the user; a dot leads into an object
 * @param tenantClaim claim with the tenant; empty if all callers share {@code tenant}
 * @param tenant tenant of all callers; empty if {@code tenantClaim} is set
 * @param rolesClaim claim with the roles
 * @param rolePrefix what a name in it must begin with to be a role of this server; empty: nothing
 * @param roleMap names of roles of this server, by the names of other systems in it
 * @param maxLifetime how far ahead the expiry of a token may be
 * @param types accepted types of tokens; empty: all
 * @param keys where the issuer's keys come from
 * @param refresh how often keys are fetched from a URL
 * @param minRefresh minimum time between two fetches when a token names an unknown key
 */
public record JwtSettings(
    String issuer,
    String audience,
    Duration clockSkew,
    String userClaim,
    String tenantClaim,
    String tenant,
    String rolesClaim,
    String rolePrefix,
    Map<String, String> roleMap,
    Duration maxLifetime,
    List<String> types,
    Keys keys,
    Duration refresh,
    Duration minRefresh) {
  private static final Set<String> LOCAL = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final Duration MAX_SKEW = Duration.ofMinutes(5);

  /** Where keys come from: exactly one of them is set. */
  public record Keys(Optional<Path> jwksFile, Optional<URI> jwksUrl, Optional<Path> secretFile) {}

  /** Empty if no issuer is set. */
  static Optional<JwtSettings> of(Config config) {
    String issuer = config.getString("issuer");
    Keys keys =
        new Keys(
            Values.file(config, "jwks-file"),
            Optional.of(config.getString("jwks-url"))
                .filter(url -> !url.isEmpty())
                .map(JwtSettings::secure),
            Values.file(config, "hs256-secret-file"));
    long sources =
        Stream.of(keys.jwksFile(), keys.jwksUrl(), keys.secretFile())
            .filter(Optional::isPresent)
            .count();
    if (issuer.isEmpty() && sources == 0) {
      return Optional.empty();
    }
    if (sources != 1 || issuer.isEmpty() || config.getString("audience").isEmpty()) {
      throw new SettingsException(
          "JWTs need milepost.auth.jwt.issuer, .audience, and one of .jwks-url, .jwks-file and"
              + " .hs256-secret-file.");
    }
    if (config.getString("tenant-claim").isEmpty() == config.getString("tenant").isEmpty()) {
      throw new SettingsException(
          "JWTs need one of milepost.auth.jwt.tenant-claim and .tenant: set the other to \"\".");
    }
    return Optional.of(
        new JwtSettings(
            issuer,
            config.getString("audience"),
            skew(config),
            config.getString("user-claim"),
            config.getString("tenant-claim"),
            config.getString("tenant"),
            config.getString("roles-claim"),
            config.getString("role-prefix"),
            roleMap(config),
            Values.positive(config, "max-lifetime"),
            List.copyOf(config.getStringList("types")),
            keys,
            Values.positive(config, "refresh"),
            Values.positive(config, "min-refresh")));
  }

  private static Map<String, String> roleMap(Config config) {
    Map<String, String> roles = new HashMap<>();
    config
        .getObject("role-map")
        .forEach((name, role) -> roles.put(name, String.valueOf(role.unwrapped())));
    if (!Values.ROLES.containsAll(roles.values())) {
      throw new SettingsException(
          "The setting milepost.auth.jwt.role-map must give each name one of USER, WORKER,"
              + " OPERATOR, ADMIN. Put a name with dots in quotes: { \"my.admins\" = ADMIN }.");
    }
    return Map.copyOf(roles);
  }

  private static Duration skew(Config config) {
    Duration skew = config.getDuration("clock-skew");
    if (skew.isNegative() || skew.compareTo(MAX_SKEW) > 0) {
      throw new SettingsException("The setting milepost.auth.jwt.clock-skew must be 0s to 5m.");
    }
    return skew;
  }

  private static URI secure(String url) {
    try {
      URI uri = URI.create(url);
      boolean local = uri.getHost() != null && LOCAL.contains(uri.getHost());
      if (uri.getHost() != null
          && ("https".equals(uri.getScheme()) || ("http".equals(uri.getScheme()) && local))) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Reported below.
    }
    throw new SettingsException(
        "The setting milepost.auth.jwt.jwks-url must be an https URL: keys fetched without TLS can"
            + " be forged.");
  }
}
