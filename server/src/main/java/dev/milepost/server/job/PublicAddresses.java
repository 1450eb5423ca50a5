package dev.milepost.server.job;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Determines which addresses belong to the public internet.
 *
 * <p>Callers must not reach any other address through the server: its own machine, its neighbors, a
 * cloud's metadata service. The blocks are those that IANA's registries of special-purpose
 * addresses (RFC 6890) do not list as globally reachable, multicast (RFC 5771, RFC 4291), and IPv6
 * addresses that contain an IPv4 address.
 */
public final class PublicAddresses {
  private static final List<Block> NOT_PUBLIC =
      Stream.of(
              "0.0.0.0/8", // this network: RFC 791
              "10.0.0.0/8", // private: RFC 1918
              "100.64.0.0/10", // shared address space of providers: RFC 6598
              "127.0.0.0/8", // loopback: RFC 1122
              "169.254.0.0/16", // link-local, metadata services of clouds: RFC 3927
              "172.16.0.0/12", // private: RFC 1918
              "192.0.0.0/24", // protocol assignments: RFC 6890
              "192.0.2.0/24", // documentation: RFC 5737
              "192.88.99.0/24", // 6to4 relays, withdrawn: RFC 7526
              "192.168.0.0/16", // private: RFC 1918
              "198.18.0.0/15", // benchmarks: RFC 2544
              "198.51.100.0/24", // documentation: RFC 5737
              "203.0.113.0/24", // documentation: RFC 5737
              "224.0.0.0/4", // multicast: RFC 5771
              "240.0.0.0/4", // reserved, and broadcast: RFC 1112, RFC 919
              "2001::/23", // protocol assignments, including Teredo: RFC 2928, RFC 4380
              "2001:db8::/32", // documentation: RFC 3849
              "2002::/16", // 6to4, contains an IPv4 address: RFC 3056
              "3fff::/20") // documentation: RFC 9637
          .map(Block::parse)
          .toList();

  /** Global unicast addresses: RFC 4291. No other IPv6 address is public. */
  private static final Block GLOBAL_UNICAST = Block.parse("2000::/3");

  private PublicAddresses() {}

  /** Returns whether an address belongs to the public internet. */
  public static boolean contain(InetAddress address) {
    if (address instanceof Inet6Address && !GLOBAL_UNICAST.contains(address)) {
      return false;
    }
    return NOT_PUBLIC.stream().noneMatch(block -> block.contains(address));
  }

  /** All addresses that start with the same bits. */
  private record Block(InetAddress start, int bits) {
    static Block parse(String text) {
      int slash = text.indexOf('/');
      try {
        // No name is resolved: the text is an address.
        InetAddress start = InetAddress.getByName(text.substring(0, slash));
        return new Block(start, Integer.parseInt(text.substring(slash + 1)));
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException(text + " is not an address block", e);
      }
    }

    boolean contains(InetAddress address) {
      byte[] ours = start.getAddress();
      byte[] other = address.getAddress();
      if (other.length != ours.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        if (((ours[bit / 8] ^ other[bit / 8]) & mask) != 0) {
          return false;
        }
      }
      return true;
    }
  }
}
