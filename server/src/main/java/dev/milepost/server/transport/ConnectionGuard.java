package dev.milepost.server.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Guards one connection against a peer that takes memory outside of any call. Confined to the
 * connection's event loop.
 *
 * <ul>
 *   <li>Stops reading from a peer that does not read: each request that it sent would otherwise add
 *       a response to the buffer. Closes the connection if the peer does not read for too long.
 *   <li>Resets streams that the server has ended and the client has not: gRPC waits for the client,
 *       for ever.
 * </ul>
 */
final class ConnectionGuard extends ChannelInboundHandlerAdapter {
  private static final long SWEEP_SECONDS = 2;

  private final TransportLimits limits;
  private final PausedReads paused;

  /** Streams that the last sweep has seen ended by the server alone. */
  private Set<Integer> ended = new HashSet<>();

  private @Nullable Future<?> sweep;
  private @Nullable Future<?> unread;

  ConnectionGuard(TransportLimits limits, PausedReads paused) {
    this.limits = limits;
    this.paused = paused;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    sweep =
        ctx.executor()
            .scheduleWithFixedDelay(
                () -> resetEnded(ctx), SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    ctx.fireChannelActive();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    Channel connection = ctx.channel();
    boolean reads = connection.isWritable();
    connection.config().setAutoRead(reads);
    if (unread != null) {
      unread.cancel(false);
      unread = null;
    }
    if (reads) {
      paused.remove(connection);
    } else if (connection.isActive()) {
      paused.add(connection);
      Runnable close =
          () -> {
            var unused = connection.close();
          };
      unread =
          ctx.executor().schedule(close, limits.responseTimeout().toNanos(), TimeUnit.NANOSECONDS);
    }
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    paused.remove(ctx.channel());
    if (sweep != null) {
      sweep.cancel(false);
    }
    if (unread != null) {
      unread.cancel(false);
    }
    ctx.fireChannelInactive();
  }

  private void resetEnded(ChannelHandlerContext ctx) {
    Http2ConnectionHandler http2 = ctx.pipeline().get(Http2ConnectionHandler.class);
    if (http2 == null || http2.connection().numActiveStreams() == 0) {
      ended.clear();
      return;
    }
    Set<Integer> nowEnded = new HashSet<>();
    List<Integer> overdue = new ArrayList<>();
    try {
      http2
          .connection()
          .forEachActiveStream(
              stream -> {
                if (stream.state() == Http2Stream.State.HALF_CLOSED_LOCAL) {
                  (ended.contains(stream.id()) ? overdue : nowEnded).add(stream.id());
                }
                return true;
              });
    } catch (Http2Exception e) {
      ctx.fireExceptionCaught(e);
      return;
    }
    ended = nowEnded;
    ChannelHandlerContext transport = ctx.pipeline().context(http2);
    for (int id : overdue) {
      var unused =
          http2.resetStream(transport, id, Http2Error.NO_ERROR.code(), transport.newPromise());
    }
    if (!overdue.isEmpty()) {
      transport.flush();
    }
  }
}
