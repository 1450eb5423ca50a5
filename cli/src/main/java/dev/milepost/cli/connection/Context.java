package dev.milepost.cli.connection;

import dev.milepost.cli.UsageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How to reach a server, and as whom. A context names a token's file; the token itself is in no
 * configuration.
 *
 * @param address {@code HOST:PORT}
 * @param tls whether to use TLS; empty: unless the host is this machine
 * @param tokenFile file with a bearer token
 * @param ca file with the trusted certificate authorities, PEM
 * @param certificate file with the client's certificate, PEM
 * @param key file with its private key, PKCS #8, PEM
 * @param user user on a server in development mode
 * @param tenant tenant on a server in development mode
 * @param role role on a server in development mode, or several separated by commas
 */
public record Context(
    Optional<String> address,
    Optional<Boolean> tls,
    Optional<Path> tokenFile,
    Optional<Path> ca,
    Optional<Path> certificate,
    Optional<Path> key,
    Optional<String> user,
    Optional<String> tenant,
    Optional<String> role) {
  static final Set<String> KEYS =
      Set.of("address", "tls", "token-file", "ca", "certificate", "key", "user", "tenant", "role");

  /** A context that says nothing. */
  static final Context NONE =
      new Context(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  /** The context in which this one's values are used, and the other's where this one has none. */
  Context over(Context other) {
    return new Context(
        address.or(other::address),
        tls.or(other::tls),
        tokenFile.or(other::tokenFile),
        ca.or(other::ca),
        certificate.or(other::certificate),
        key.or(other::key),
        user.or(other::user),
        tenant.or(other::tenant),
        role.or(other::role));
  }

  /**
   * Reads named values.
   *
   * @param values by {@link #KEYS}
   * @param directory against which relative files are resolved
   * @param source where the values stand, for errors
   */
  static Context of(Map<String, String> values, Path directory, String source) {
    for (String key : values.keySet()) {
      if (!KEYS.contains(key)) {
        throw new UsageException(
            source
                + " has the unknown key "
                + key
                + ". Known: "
                + String.join(", ", sorted())
                + ".");
      }
    }
    return new Context(
        text(values, "address"),
        text(values, "tls").map(value -> flag(value, source)),
        text(values, "token-file").map(directory::resolve),
        text(values, "ca").map(directory::resolve),
        text(values, "certificate").map(directory::resolve),
        text(values, "key").map(directory::resolve),
        text(values, "user"),
        text(values, "tenant"),
        text(values, "role"));
  }

  private static Optional<String> text(Map<String, String> values, String key) {
    return Optional.ofNullable(values.get(key)).filter(value -> !value.isBlank());
  }

  private static boolean flag(String value, String source) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new UsageException(
              source + ": tls is \"" + value + "\", but must be true or false.");
    };
  }

  private static List<String> sorted() {
    return KEYS.stream().sorted().toList();
  }
}
