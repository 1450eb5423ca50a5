package dev.milepost.cli.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.List;

/** Whether something listens at an address. */
final class NetworkChecks {
  private static final int TIMEOUT_MILLIS = 3_000;
  private static final int DEFAULT_PORT = 7300;

  private NetworkChecks() {}

  /** Checks one address of the form HOST:PORT, HOST or [HOST]:PORT. */
  static List<Finding> run(String address) {
    int colon = address.lastIndexOf(':');
    // In an IPv6 address without brackets, a colon does not begin a port.
    boolean hasPort =
        colon > address.lastIndexOf(']')
            && (address.startsWith("[") || address.indexOf(':') == colon);
    String host = (hasPort ? address.substring(0, colon) : address).replaceAll("[\\[\\]]", "");
    int port;
    try {
      port = hasPort ? Integer.parseInt(address.substring(colon + 1)) : DEFAULT_PORT;
    } catch (NumberFormatException e) {
      return List.of(
          Finding.failure("address", address + " has no port number.", "Write HOST:PORT."));
    }
    InetAddress[] found;
    try {
      found = InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      return List.of(
          Finding.failure(
              "name", "The name " + host + " is not known.", "Check the spelling and the DNS."));
    }
    return List.of(
        Finding.ok("name", host + " is " + found[0].getHostAddress() + "."),
        connect(host, port, found[0]));
  }

  private static Finding connect(String host, int port, InetAddress address) {
    String target = host + ":" + port;
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), TIMEOUT_MILLIS);
      return Finding.ok("port", "Something listens at " + target + ".");
    } catch (SocketTimeoutException e) {
      return Finding.failure(
          "port",
          "Nothing answers at " + target + " within 3 s.",
          "Check the firewall between here and there, and that the server listens on an address"
              + " that can be reached: milepost.listen.");
    } catch (IOException | IllegalArgumentException e) {
      return Finding.failure(
          "port",
          "Nothing listens at " + target + ": " + e.getMessage() + ".",
          "Start the server, or name its address with --address HOST:PORT.");
    }
  }
}
