package dev.milepost.server.settings;

import com.typesafe.config.Config;
import dev.milepost.server.access.JwtOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Which JWTs count.
 *
 * @param options what they must say
 * @param keys where the issuer's keys come from
 * @param refresh how often keys are fetched from a URL in any case
 * @param leastRefresh how often at most
 */
public record JwtSettings(JwtOptions options, Keys keys, Duration refresh, Duration leastRefresh) {
  private static final Set<String> LOCAL = Set.of("localhost", "127.0.0.1", "[::1]");

  /** Where keys come from: one of them is set. */
  public record Keys(Optional<Path> jwksFile, Optional<URI> jwksUrl, Optional<Path> secretFile) {}

  /** Empty where no issuer is set. */
  static Optional<JwtSettings> of(Config config) {
    String issuer = config.getString("issuer");
    Keys keys =
        new Keys(
            Settings.file(config, "jwks-file"),
            Optional.of(config.getString("jwks-url"))
                .filter(url -> !url.isEmpty())
                .map(JwtSettings::secure),
            Settings.file(config, "hs256-secret-file"));
    int sources =
        (keys.jwksFile().isPresent() ? 1 : 0)
            + (keys.jwksUrl().isPresent() ? 1 : 0)
            + (keys.secretFile().isPresent() ? 1 : 0);
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
            new JwtOptions(
                issuer,
                config.getString("audience"),
                skew(config),
                config.getString("user-claim"),
                config.getString("tenant-claim"),
                config.getString("tenant"),
                config.getString("roles-claim")),
            keys,
            Settings.positive(config, "refresh"),
            Settings.positive(config, "least-refresh")));
  }

  private static Duration skew(Config config) {
    Duration skew = config.getDuration("clock-skew");
    if (skew.isNegative() || skew.compareTo(Duration.ofMinutes(5)) > 0) {
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
      // Said below.
    }
    throw new SettingsException(
        "The setting milepost.auth.jwt.jwks-url must be an https URL: keys that come in the clear"
            + " prove nothing.");
  }
}
