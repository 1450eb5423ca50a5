package dev.milepost.server.webhook;

import dev.milepost.server.job.PublicAddresses;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Resolves the addresses of a webhook, and rejects those that callers must not reach through the
 * server.
 *
 * <p>Each attempt resolves the name again and connects to a checked address, never to the name, so
 * no other address can slip in between the check and the connection.
 */
final class AddressGuard {
  private final Resolver resolver;
  private final boolean allowsLoopback;

  /**
   * Creates a guard.
   *
   * @param allowsLoopback whether this machine may be reached: for development only
   */
  AddressGuard(Resolver resolver, boolean allowsLoopback) {
    this.resolver = resolver;
    this.allowsLoopback = allowsLoopback;
  }

  /** Resolves names. Blocks. */
  interface Resolver {
    /** Returns at least one address. */
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  /**
   * Returns the addresses of a webhook after checking all of them. Blocks while it resolves the
   * name.
   *
   * @throws UnknownHostException if the name has no address
   * @throws WebhookRefusedException if any address is forbidden, even if others are not
   */
  List<InetAddress> addressesOf(URI url) throws UnknownHostException, WebhookRefusedException {
    List<InetAddress> addresses = Arrays.asList(resolver.resolve(url.getHost()));
    boolean isPlain = !"https".equalsIgnoreCase(url.getScheme());
    for (InetAddress address : addresses) {
      boolean isLoopback = address.isLoopbackAddress();
      if (isLoopback && !allowsLoopback) {
        throw new WebhookRefusedException(
            "The webhook leads to the server's own machine, which this server does not allow.");
      }
      if (!isLoopback && !PublicAddresses.contain(address)) {
        throw new WebhookRefusedException(
            "The webhook leads to an address outside the public internet.");
      }
      if (!isLoopback && isPlain) {
        throw new WebhookRefusedException("The webhook is not https.");
      }
    }
    return addresses;
  }
}
