package dev.milepost.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The name by which people tell this server from others that share its store. */
final class ServerName {
  private ServerName() {}

  /**
   * Returns this machine's name and the server's port. May ask the resolver of the machine.
   *
   * @param port the actual one; called once the server serves
   */
  static Supplier<String> of(IntSupplier port) {
    String host = host(System.getenv("HOSTNAME"));
    return () -> host + ":" + port.getAsInt();
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
