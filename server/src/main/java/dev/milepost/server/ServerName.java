package dev.milepost.server;

import dev.milepost.server.settings.ListenAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** The name by which people tell this server from others that share its store. */
final class ServerName {
  private ServerName() {}

  /** Returns this machine's name and the server's port. May ask the resolver of the machine. */
  static String of(ListenAddress address) {
    return host(System.getenv("HOSTNAME")) + ":" + address.port();
  }

  private static String host(@Nullable String known) {
    if (known != null && !known.isBlank()) {
      return known;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
