package dev.milepost.server.transport;

import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
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

  @Override
  public Attributes transportReady(Attributes transport) {
    return transport.toBuilder().set(Connection.KEY, new Connection(limits)).build();
  }
}
