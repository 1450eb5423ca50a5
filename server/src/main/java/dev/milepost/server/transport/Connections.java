package dev.milepost.server.transport;

import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The connections of a server: bounds how many there are, and gives each call its {@link
 * Connection}. Thread-safe.
 */
public final class Connections extends ServerTransportFilter {
  /**
   * Share of the bytes in flight that may lie in buffers of connections whose peers do not read.
   */
  private static final int PAUSED_SHARE = 4;

  private final TransportLimits limits;
  private final AddressCounts byAddress;
  private final AtomicInteger open = new AtomicInteger();
  private final PausedReads paused;
  private final Runnable refused;

  /**
   * Creates a server's connections; there are none yet.
   *
   * @param refused notified of each connection that is closed because there are too many; quick
   */
  public Connections(TransportLimits limits, Runnable refused) {
    this.limits = limits;
    this.refused = refused;
    this.byAddress = new AddressCounts(limits.connectionsPerAddress());
    this.paused = new PausedReads(limits.bytes() / PAUSED_SHARE);
  }

  /** Makes the listening sockets. */
  public ChannelFactory<ServerChannel> channels() {
    return () -> new BoundedServerChannel(limits, byAddress, open, paused, refused);
  }

  /**
   * Admits a connection of another protocol, whose calls come from this process. It counts like any
   * other.
   *
   * @param peer the address of its client
   * @return whether there may be one more; then call {@link #released} when it is closed
   */
  public boolean admit(SocketAddress peer) {
    if (open.incrementAndGet() <= limits.connections()) {
      if (byAddress.add(AddressCounts.keyOf(peer))) {
        return true;
      }
    }
    open.decrementAndGet();
    refused.run();
    return false;
  }

  /** Counts the end of a connection that was {@link #admit admitted}. */
  public void released(SocketAddress peer) {
    byAddress.remove(AddressCounts.keyOf(peer));
    open.decrementAndGet();
  }

  @Override
  public Attributes transportReady(Attributes transport) {
    return transport.toBuilder().set(Connection.KEY, new Connection(limits)).build();
  }
}
