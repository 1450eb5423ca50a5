package dev.milepost.server.settings;

import java.util.Optional;

/**
 * Where the metrics page is served.
 *
 * @param address empty: no page is served and nothing is measured
 * @param required whether the server fails to start if the address is taken; otherwise it starts
 *     without the page
 */
public record MetricsSettings(Optional<ListenAddress> address, boolean required) {
  private static final ListenAddress DEFAULT = new ListenAddress("localhost", 7301);

  /** Reads {@code auto}, {@code off} or {@code HOST:PORT}. */
  static MetricsSettings of(Section config) {
    return switch (config.string("address")) {
      case "off" -> new MetricsSettings(Optional.empty(), true);
      case "auto" -> new MetricsSettings(Optional.of(DEFAULT), false);
      default -> new MetricsSettings(Optional.of(config.address("address")), true);
    };
  }
}
