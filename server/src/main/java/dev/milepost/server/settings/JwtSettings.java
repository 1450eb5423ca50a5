package dev.milepost.server.settings;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
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
  static Optional<JwtSettings> of(Section config) {
    String issuer = config.string("issuer");
    Keys keys =
        new Keys(
            config.file("jwks-file"),
            Optional.of(config.string("jwks-url"))
                .filter(url -> !url.isEmpty())
                .map(url -> secure(config, url)),
            config.file("hs256-secret-file"));
    long sources =
        Stream.of(keys.jwksFile(), keys.jwksUrl(), keys.secretFile())
            .filter(Optional::isPresent)
            .count();
    if (issuer.isEmpty() && sources == 0) {
      return Optional.empty();
    }
    if (sources != 1 || issuer.isEmpty() || config.string("audience").isEmpty()) {
      throw new SettingsException(
          "JWTs need milepost.auth.jwt.issuer, .audience, and one of .jwks-url, .jwks-file and"
              + " .hs256-secret-file.");
    }
    if (config.string("tenant-claim").isEmpty() == config.string("tenant").isEmpty()) {
      throw new SettingsException(
          "JWTs need one of milepost.auth.jwt.tenant-claim and .tenant: set the other to \"\".");
    }
    return Optional.of(
        new JwtSettings(
            issuer,
            config.string("audience"),
            skew(config),
            config.string("user-claim"),
            config.string("tenant-claim"),
            config.string("tenant"),
            config.string("roles-claim"),
            config.string("role-prefix"),
            roleMap(config),
            config.positive("max-lifetime"),
            config.strings("types"),
            keys,
            config.positive("refresh"),
            config.positive("min-refresh")));
  }

  private static Map<String, String> roleMap(Section config) {
    Map<String, String> roles = config.texts("role-map");
    if (!Section.ROLES.containsAll(roles.values())) {
      throw config.invalid(
          "role-map",
          "give each name one of USER, WORKER, OPERATOR, ADMIN. Put a name with dots in quotes:"
              + " { \"my.admins\" = ADMIN }");
    }
    return roles;
  }

  private static Duration skew(Section config) {
    Duration skew = config.duration("clock-skew");
    if (skew.isNegative() || skew.compareTo(MAX_SKEW) > 0) {
      throw config.invalid("clock-skew", "be 0s to 5m");
    }
    return skew;
  }

  private static URI secure(Section config, String url) {
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
    throw config.invalid("jwks-url", "be an https URL: keys fetched without TLS can be forged");
  }
}
