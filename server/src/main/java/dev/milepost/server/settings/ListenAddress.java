package dev.milepost.server.settings;

import java.net.InetSocketAddress;

/**
 * Where a server listens.
 *
 * @param host name or address; an IPv6 address without its brackets
 * @param port 0 to 65535; 0 takes a free one
 */
public record ListenAddress(String host, int port) {
  private static final int MAX_PORT = 65_535;

  /**
   * Reads {@code HOST:PORT}.
   *
   * @throws SettingsException where it is none
   */
  public static ListenAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0) {
      throw refused(text);
    }
    String host = text.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (host.isEmpty() || port < 0 || port > MAX_PORT) {
        throw refused(text);
      }
      return new ListenAddress(host, port);
    } catch (NumberFormatException e) {
      throw refused(text);
    }
  }

  private static SettingsException refused(String text) {
    return new SettingsException(
        "The address \"" + text + "\" must be HOST:PORT, such as localhost:7300.");
  }

  /**
   * The address to bind.
   *
   * @throws SettingsException where the host is unknown
   */
  public InetSocketAddress resolve() {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new SettingsException(
          "The host \"" + host + "\" is unknown: listen on localhost:" + port + ".");
    }
    return address;
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
