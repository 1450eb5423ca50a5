package dev.milepost.server.settings;

import java.util.Optional;

/**
 * Where the metrics page is.
 *
 * @param address where to serve it; empty: there is none, and nothing is measured
 * @param asked whether the address was asked for by name: then the server does not start without it
 */
public record MetricsSettings(Optional<ListenAddress> address, boolean asked) {
  private static final String OFF = "off";
  private static final String AUTO = "auto";
  private static final ListenAddress USUAL = new ListenAddress("localhost", 7301);

  /**
   * Reads {@code auto}, {@code off} or {@code HOST:PORT}.
   *
   * @throws SettingsException where it is none of them
   */
  public static MetricsSettings of(String text) {
    return switch (text) {
      case OFF -> new MetricsSettings(Optional.empty(), true);
      case AUTO -> new MetricsSettings(Optional.of(USUAL), false);
      default -> new MetricsSettings(Optional.of(ListenAddress.parse(text)), true);
    };
  }
}
