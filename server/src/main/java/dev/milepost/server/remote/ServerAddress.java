package dev.milepost.server.remote;

import dev.milepost.server.store.StoreUrls;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * Where a command reaches a server.
 *
 * @param host name or address; an IPv6 address in brackets
 * @param port 1 to 65535
 * @param hasTls whether the connection is encrypted
 */
public record ServerAddress(String host, int port, boolean hasTls) {
  private static final String PLAIN = "grpc://";
  private static final String TLS = "grpcs://";
  private static final int MAX_PORT = 65_535;

  /** Returns whether a URL names a server, and not a store. */
  public static boolean isUrl(String text) {
    return text.startsWith(PLAIN) || text.startsWith(TLS);
  }

  /**
   * Parses {@code grpc://HOST:PORT}, {@code grpcs://HOST:PORT} or {@code HOST:PORT}. The last one
   * is without TLS if it is an address of this machine. Blocks while the host is looked up.
   *
   * @param hasCa whether certificate authorities are given, so that {@code HOST:PORT} means TLS
   * @throws RemoteException if the address is malformed, or on another machine and without TLS
   */
  static ServerAddress parse(String text, boolean hasCa) {
    if (text.startsWith(TLS)) {
      return of(text, text, true);
    }
    if (!text.startsWith(PLAIN)) {
      ServerAddress address = of(text, PLAIN + text, false);
      return hasCa || !address.isThisMachine()
          ? new ServerAddress(address.host, address.port, true)
          : address;
    }
    ServerAddress address = of(text, text, false);
    if (!address.isThisMachine()) {
      throw new RemoteException(
          "What is read from a server on another machine must not cross the network in the clear:"
              + " use "
              + new ServerAddress(address.host, address.port, true)
              + ".");
    }
    return address;
  }

  private static ServerAddress of(String given, String url, boolean tls) {
    try {
      URI parsed = new URI(url);
      boolean isComplete =
          parsed.getHost() != null
              && parsed.getPort() > 0
              && parsed.getPort() <= MAX_PORT
              && parsed.getUserInfo() == null;
      if (isComplete) {
        return new ServerAddress(parsed.getHost(), parsed.getPort(), tls);
      }
    } catch (URISyntaxException e) {
      // Reported below.
    }
    throw new RemoteException(
        "The server \""
            + StoreUrls.redacted(given)
            + "\" must be grpc://HOST:PORT, such as grpc://localhost:7300, without a user or"
            + " password.");
  }

  private boolean isThisMachine() {
    InetSocketAddress resolved = new InetSocketAddress(host, port);
    return !resolved.isUnresolved() && resolved.getAddress().isLoopbackAddress();
  }

  @Override
  public String toString() {
    return (hasTls ? TLS : PLAIN) + host + ":" + port;
  }
}
