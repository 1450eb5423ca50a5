package dev.milepost.server.webhook;

import dev.milepost.server.job.PublicAddresses;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the addresses that a webhook leads to, and lets none pass that callers must not reach
 * through the server.
 *
 * <p>A name is looked up anew for each try, and the connection is made to an address that has
 * passed, never to the name: between the check and the connection there is no second answer to
 * trust.
 */
final class AddressGuard {
  private final Resolver resolver;
  private final boolean allowsLoopback;

  /**
   * A guard.
   *
   * @param allowsLoopback whether this machine may be reached: for development only
   */
  AddressGuard(Resolver resolver, boolean allowsLoopback) {
    this.resolver = resolver;
    this.allowsLoopback = allowsLoopback;
  }

  /** How a name is looked up. Blocks. */
  interface Resolver {
    /** At least one address. */
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  /**
   * The addresses of a webhook, all of them passed. Blocks while the name is looked up.
   *
   * @throws UnknownHostException where the name has no address
   * @throws WebhookRefusedException where any address does not pass: who answers with a good and a
   *     bad one does not mean well
   */
  List<InetAddress> addressesOf(URI url) throws UnknownHostException, WebhookRefusedException {
    List<InetAddress> addresses = Arrays.asList(resolver.resolve(url.getHost()));
    boolean isPlain = !"https".equals(url.getScheme());
    for (InetAddress address : addresses) {
      boolean isLoopback = address.isLoopbackAddress();
      if (isLoopback && !allowsLoopback) {
        throw new WebhookRefusedException(
            "The webhook leads to the server's own machine, which this server does not allow.");
      }
      if (!isLoopback && !PublicAddresses.contain(address)) {
        throw new WebhookRefusedException("The webhook leads beyond the public internet.");
      }
      if (!isLoopback && isPlain) {
        throw new WebhookRefusedException("The webhook is not https.");
      }
    }
    return addresses;
  }
}
