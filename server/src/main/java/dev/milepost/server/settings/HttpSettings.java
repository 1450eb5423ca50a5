package dev.milepost.server.settings;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where and for whom HTTP is served.
 *
 * @param listen address of the port; empty: HTTP is not served and nothing is measured
 * @param required whether the server fails to start if the address is taken; otherwise it starts
 *     without HTTP
 * @param basePath what all paths begin with: empty, or {@code /NAME} and so on
 * @param allowedHosts names of the server beside localhost and addresses, in lower case
 * @param allowedOrigins origins of other sites whose pages may call it, in lower case
 * @param keepAlive a stream that is silent for so long shows that it is alive
 */
public record HttpSettings(
    Optional<ListenAddress> listen,
    boolean required,
    String basePath,
    Set<String> allowedHosts,
    Set<String> allowedOrigins,
    Duration keepAlive) {
  private static final ListenAddress DEFAULT = new ListenAddress("localhost", 7301);
  private static final Pattern BASE_PATH = Pattern.compile("(/[A-Za-z0-9._~-]+)*");
  private static final Pattern HOST = Pattern.compile("[a-z0-9]([a-z0-9.-]*[a-z0-9])?");

  /** Copies the sets. */
  public HttpSettings {
    allowedHosts = Set.copyOf(allowedHosts);
    allowedOrigins = Set.copyOf(allowedOrigins);
  }

  static HttpSettings of(Section config) {
    String listen = config.string("listen");
    Optional<ListenAddress> address =
        switch (listen) {
          case "off" -> Optional.empty();
          case "auto" -> Optional.of(DEFAULT);
          default -> Optional.of(config.address("listen"));
        };
    return new HttpSettings(
        address,
        !listen.equals("auto"),
        basePath(config),
        lower(
            config,
            "allowed-hosts",
            HOST.asMatchPredicate(),
            "be names of hosts, such as [\"milepost.example.org\"], without a port"),
        lower(
            config,
            "allowed-origins",
            HttpSettings::isOrigin,
            "be origins, such as [\"https://example.org\"]"),
        config.positive("keep-alive"));
  }

  private static String basePath(Section config) {
    String path = config.string("base-path");
    if (!BASE_PATH.matcher(path).matches()) {
      throw config.invalid("base-path", "be empty, or a path such as /milepost");
    }
    return path;
  }

  private static Set<String> lower(
      Section config, String name, Predicate<String> isValid, String rule) {
    List<String> values =
        config.strings(name).stream().map(text -> text.toLowerCase(Locale.ROOT)).toList();
    if (!values.stream().allMatch(isValid)) {
      throw config.invalid(name, rule);
    }
    return values.stream().collect(Collectors.toUnmodifiableSet());
  }

  private static boolean isOrigin(String text) {
    try {
      URI origin = URI.create(text);
      return ("http".equals(origin.getScheme()) || "https".equals(origin.getScheme()))
          && origin.getHost() != null
          && origin.getRawPath().isEmpty()
          && origin.getRawQuery() == null
          && origin.getRawUserInfo() == null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
