package dev.milepost.server.transport;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A listening socket that closes connections beyond the limits as soon as they are accepted, before
 * anything is read from them or kept for them.
 */
final class BoundedServerChannel extends NioServerSocketChannel {
  /** Small, since the first byte of a message keeps the whole buffer that it arrived in. */
  private static final int MAX_READ_BUFFER = 16 * 1024;

  private final TransportLimits limits;
  private final AddressCounts byAddress;
  private final AtomicInteger open;
  private final PausedReads paused;
  private final Runnable refused;

  /**
   * @param byAddress shared by all listening sockets of a server, like the other counts
   * @param refused notified of each connection that is closed
   */
  BoundedServerChannel(
      TransportLimits limits,
      AddressCounts byAddress,
      AtomicInteger open,
      PausedReads paused,
      Runnable refused) {
    this.limits = limits;
    this.byAddress = byAddress;
    this.open = open;
    this.paused = paused;
    this.refused = refused;
  }

  @Override
  protected int doReadMessages(List<Object> accepted) throws Exception {
    int result = super.doReadMessages(accepted);
    if (result > 0) {
      Channel connection = (Channel) accepted.get(accepted.size() - 1);
      if (!admit(connection)) {
        accepted.remove(accepted.size() - 1);
        connection.unsafe().closeForcibly();
        refused.run();
      }
    }
    return result;
  }

  private boolean admit(Channel connection) {
    Object address = AddressCounts.keyOf(connection.remoteAddress());
    if (open.incrementAndGet() > limits.connections()) {
      open.decrementAndGet();
      return false;
    }
    if (!byAddress.add(address)) {
      open.decrementAndGet();
      return false;
    }
    var unused =
        connection
            .closeFuture()
            .addListener(
                closed -> {
                  byAddress.remove(address);
                  open.decrementAndGet();
                });
    connection
        .config()
        .setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(64, 2_048, MAX_READ_BUFFER));
    connection.pipeline().addFirst(new ConnectionGuard(limits, paused));
    return true;
  }
}
