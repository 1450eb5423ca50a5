package dev.milepost.server.settings;

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

  static AuthSettings of(Section config) {
    Optional<Path> tokens = config.file("tokens.file");
    Optional<JwtSettings> jwt = JwtSettings.of(config.section("jwt"));
    Optional<CertificateSettings> certificates =
        CertificateSettings.of(config.section("client-certificates"));
    boolean others = tokens.isPresent() || jwt.isPresent() || certificates.isPresent();
    return new AuthSettings(
        development(config, others),
        tokens,
        jwt,
        certificates,
        config.positive("reload"),
        recheck(config),
        config.range("failures-per-minute", 1, Integer.MAX_VALUE),
        config.positive("failure-delay"));
  }

  private static boolean development(Section config, boolean others) {
    return switch (config.string("development")) {
      case "auto" -> !others;
      case "on", "true" -> true;
      case "off", "false" -> {
        if (!others) {
          throw config.refused(
              "development",
              "No credentials are configured, so every call would be rejected. Set"
                  + " milepost.auth.tokens.file, or milepost.auth.development = auto.");
        }
        yield false;
      }
      default -> throw config.invalid("development", "be auto, on or off");
    };
  }

  private static Duration recheck(Section config) {
    Duration recheck = config.positive("recheck");
    if (recheck.compareTo(MAX_RECHECK) > 0) {
      throw config.invalid("recheck", "be at most 30s");
    }
    return recheck;
  }
}
