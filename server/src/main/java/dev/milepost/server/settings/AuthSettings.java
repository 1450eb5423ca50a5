package dev.milepost.server.settings;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Which credentials count.
 *
 * @param development whether the headers of calls from this machine are believed
 * @param tokens file with API tokens
 * @param jwt which JWTs count
 * @param certificates whom client certificates let in
 * @param reload files are looked at for changes so often
 * @param recheck callers whose calls go on are looked at again so often
 */
public record AuthSettings(
    boolean development,
    Optional<Path> tokens,
    Optional<JwtSettings> jwt,
    Optional<CertificateSettings> certificates,
    Duration reload,
    Duration recheck) {
  /** So long may a credential that has ended still be heard of: a promise to those who revoke. */
  private static final Duration LONGEST_RECHECK = Duration.ofSeconds(30);

  private static final String DEVELOPMENT = "development";

  static AuthSettings of(Config config) {
    Optional<Path> tokens = Settings.file(config, "tokens.file");
    Optional<JwtSettings> jwt = JwtSettings.of(config.getConfig("jwt"));
    Optional<CertificateSettings> certificates =
        CertificateSettings.of(config.getConfig("client-certificates"));
    boolean others = tokens.isPresent() || jwt.isPresent() || certificates.isPresent();
    return new AuthSettings(
        development(config, others),
        tokens,
        jwt,
        certificates,
        Settings.positive(config, "reload"),
        recheck(config));
  }

  private static boolean development(Config config, boolean others) {
    return switch (config.getString(DEVELOPMENT)) {
      case "auto" -> !others;
      case "on", "true" -> true;
      case "off", "false" -> {
        if (!others) {
          throw new SettingsException(
              "Nobody could call: set milepost.auth.tokens.file, or milepost.auth.development ="
                  + " auto.");
        }
        yield false;
      }
      default ->
          throw new SettingsException(
              "The setting milepost.auth.development must be auto, on or off.");
    };
  }

  private static Duration recheck(Config config) {
    Duration recheck = Settings.positive(config, "recheck");
    if (recheck.compareTo(LONGEST_RECHECK) > 0) {
      throw new SettingsException("The setting auth.recheck must be at most 30s.");
    }
    return recheck;
  }
}
