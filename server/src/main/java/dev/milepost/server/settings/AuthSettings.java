package dev.milepost.server.settings;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The accepted credentials.
 *
 * @param development whether the development headers of calls from this machine are accepted
 * @param tokens file with API tokens
 * @param jwt accepted JWTs
 * @param certificates accepted client certificates
 * @param reload how often files are checked for changes
 * @param recheck how often the credentials of open streams and waits are checked again; at most 30
 *     s
 * @param failuresPerMinute how many refused credentials of one address are answered at once
 * @param failureDelay how late further ones are answered
 */
public record AuthSettings(
    boolean development,
    Optional<Path> tokens,
    Optional<JwtSettings> jwt,
    Optional<CertificateSettings> certificates,
    Duration reload,
    Duration recheck,
    int failuresPerMinute,
    Duration failureDelay) {
  /** A promise to those who revoke: a revoked credential keeps a stream no longer than this. */
  private static final Duration MAX_RECHECK = Duration.ofSeconds(30);

  static AuthSettings of(Config config) {
    Optional<Path> tokens = Values.file(config, "tokens.file");
    Optional<JwtSettings> jwt = JwtSettings.of(config.getConfig("jwt"));
    Optional<CertificateSettings> certificates =
        CertificateSettings.of(config.getConfig("client-certificates"));
    boolean others = tokens.isPresent() || jwt.isPresent() || certificates.isPresent();
    return new AuthSettings(
        development(config.getString("development"), others),
        tokens,
        jwt,
        certificates,
        Values.positive(config, "reload"),
        recheck(config),
        Values.range(config, "failures-per-minute", 1, Integer.MAX_VALUE),
        Values.positive(config, "failure-delay"));
  }

  private static boolean development(String setting, boolean others) {
    return switch (setting) {
      case "auto" -> !others;
      case "on", "true" -> true;
      case "off", "false" -> {
        if (!others) {
          throw new SettingsException(
              "No credentials are configured, so every call would be rejected. Set"
                  + " milepost.auth.tokens.file, or milepost.auth.development = auto.");
        }
        yield false;
      }
      default ->
          throw new SettingsException(
              "The setting milepost.auth.development must be auto, on or off.");
    };
  }

  private static Duration recheck(Config config) {
    Duration recheck = Values.positive(config, "recheck");
    if (recheck.compareTo(MAX_RECHECK) > 0) {
      throw new SettingsException("The setting auth.recheck must be at most 30s.");
    }
    return recheck;
  }
}
