package dev.milepost.server.settings;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * An address to listen on.
 *
 * @param host name or address; an IPv6 address without its brackets
 * @param port 0 to 65535; 0 takes a free port
 */
public record ListenAddress(String host, int port) {
  private static final int MAX_PORT = 65_535;

  /** Parses {@code HOST:PORT}. */
  static ListenAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0) {
      throw invalid(text);
    }
    String host = text.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (host.isEmpty() || port < 0 || port > MAX_PORT) {
        throw invalid(text);
      }
      return new ListenAddress(host, port);
    } catch (NumberFormatException e) {
      throw invalid(text);
    }
  }

  private static SettingsException invalid(String text) {
    return new SettingsException(
        "The address \"" + text + "\" must be HOST:PORT, such as localhost:7300.");
  }

  /**
   * Returns the socket address to bind. Blocks while the host is looked up.
   *
   * @throws SettingsException if the host is unknown
   */
  public InetSocketAddress resolve() {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new SettingsException(
          "The host \""
              + host
              + "\" is unknown. Use an address of this machine, such as localhost:"
              + port
              + ".");
    }
    return address;
  }

  /**
   * Returns the socket addresses to bind, which have one port: for {@code localhost} those of IPv4
   * and IPv6 that this machine has, since clients try either first. Blocks while the host is looked
   * up.
   *
   * @throws SettingsException if the host is unknown
   */
  public List<InetSocketAddress> resolveAll() {
    InetSocketAddress address = resolve();
    if (!host.equalsIgnoreCase("localhost")) {
      return List.of(address);
    }
    Set<InetAddress> all = new LinkedHashSet<>();
    all.add(address.getAddress());
    for (String loopback : List.of("127.0.0.1", "::1")) {
      try {
        InetAddress present = InetAddress.getByName(loopback);
        if (NetworkInterface.getByInetAddress(present) != null) {
          all.add(present);
        }
      } catch (IOException e) {
        // This machine does not have this family of addresses.
      }
    }
    return all.stream().map(one -> new InetSocketAddress(one, port)).toList();
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
