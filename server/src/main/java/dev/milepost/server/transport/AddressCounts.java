package dev.milepost.server.transport;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts something by the address that it comes from, up to a maximum. IPv6 addresses count by
 * their network of 64 bits, since a host commonly has all addresses of it. Thread-safe.
 */
final class AddressCounts {
  private static final int NETWORK_BYTES = 8;

  private final int max;

  /** Guarded by itself. Holds positive counts only, so that it is as small as what is counted. */
  private final Map<Object, Integer> counts = new HashMap<>();

  AddressCounts(int max) {
    this.max = max;
  }

  /** Returns what an address is counted as; null if it has no address, such as a pipe. */
  static @Nullable Object keyOf(@Nullable SocketAddress address) {
    if (!(address instanceof InetSocketAddress socket) || socket.getAddress() == null) {
      return null;
    }
    InetAddress inet = socket.getAddress();
    return inet instanceof Inet6Address
        ? ByteBuffer.wrap(inet.getAddress(), 0, NETWORK_BYTES).getLong()
        : inet;
  }

  /** Counts one more, unless the address has the maximum; returns whether it was counted. */
  boolean add(@Nullable Object key) {
    if (key == null) {
      return true;
    }
    synchronized (counts) {
      int count = counts.getOrDefault(key, 0);
      if (count >= max) {
        return false;
      }
      counts.put(key, count + 1);
      return true;
    }
  }

  /** Takes back one that was counted. */
  void remove(@Nullable Object key) {
    if (key == null) {
      return;
    }
    synchronized (counts) {
      counts.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
    }
  }
}
