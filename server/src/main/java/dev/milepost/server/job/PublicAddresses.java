package dev.milepost.server.job;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which addresses lie in the public internet.
 *
 * <p>All others are those of a network that callers must not reach through the server: its own
 * machine, its neighbours, a cloud's metadata service. The blocks are those that IANA's registries
 * of special-purpose addresses (RFC 6890) do not call globally reachable, with multicast (RFC 5771,
 * RFC 4291) and what carries an IPv4 address within an IPv6 one.
 */
public final class PublicAddresses {
  private static final List<Block> NOT_PUBLIC =
      Stream.of(
              "0.0.0.0/8", // this network: RFC 791
              "10.0.0.0/8", // private: RFC 1918
              "100.64.0.0/10", // shared by a provider's customers: RFC 6598
              "127.0.0.0/8", // loopback: RFC 1122
              "169.254.0.0/16", // link-local, and clouds' metadata: RFC 3927
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
              "2001::/23", // protocol assignments, Teredo among them: RFC 2928, RFC 4380
              "2001:db8::/32", // documentation: RFC 3849
              "2002::/16", // 6to4, an IPv4 address within: RFC 3056
              "3fff::/20") // documentation: RFC 9637
          .map(Block::parse)
          .toList();

  /** What IANA gives out as global unicast addresses: RFC 4291. Nothing beyond it is public. */
  private static final Block GLOBAL_UNICAST = Block.parse("2000::/3");

  private PublicAddresses() {}

  /** Whether an address lies in the public internet. */
  public static boolean contain(InetAddress address) {
    if (address instanceof Inet6Address && !GLOBAL_UNICAST.contains(address)) {
      return false;
    }
    return NOT_PUBLIC.stream().noneMatch(block -> block.contains(address));
  }

  /** All addresses that begin with the same bits. */
  private record Block(InetAddress start, int bits) {
    static Block parse(String text) {
      int slash = text.indexOf('/');
      try {
        // Nothing is looked up: the text is an address.
        InetAddress start = InetAddress.getByName(text.substring(0, slash));
        return new Block(start, Integer.parseInt(text.substring(slash + 1)));
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException(text + " is no block of addresses", e);
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
