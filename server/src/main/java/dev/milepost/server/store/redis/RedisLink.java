package dev.milepost.server.store.redis;

import dev.milepost.server.store.engine.StoreMonitor;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * What the connections of one store have in common: threads, how soon they reconnect, and that all
 * of them are cut when Redis goes away. A connection on which nothing arrives any more would
 * otherwise stay for a quarter of an hour, and the driver would not open another one. When Redis is
 * back, those are cut on which nothing has arrived yet: the driver would wait for the response to a
 * login that was lost. Thread-safe.
 */
final class RedisLink implements AutoCloseable {
  private static final Duration MIN_RECONNECT_DELAY = Duration.ofMillis(10);
  private static final Duration MAX_RECONNECT_DELAY = Duration.ofSeconds(1);

  /** Set once something has arrived on a connection. */
  private static final AttributeKey<Boolean> HAS_READ =
      AttributeKey.valueOf(RedisLink.class, "read");

  private final StoreMonitor monitor;
  private final Set<Channel> channels = ConcurrentHashMap.newKeySet();
  private final ClientResources resources;

  RedisLink(StoreMonitor monitor) {
    this.monitor = monitor;
    this.resources =
        ClientResources.builder()
            .reconnectDelay(
                Delay.fullJitter(
                    MIN_RECONNECT_DELAY, MAX_RECONNECT_DELAY, 10, TimeUnit.MILLISECONDS))
            .nettyCustomizer(
                new NettyCustomizer() {
                  @Override
                  public void afterChannelInitialized(Channel channel) {
                    opened(channel);
                  }
                })
            .build();
    monitor.whenAway(this::cutAll);
    monitor.whenBack(this::cutSilent);
  }

  private void opened(Channel channel) {
    channels.add(channel);
    channel
        .pipeline()
        .addFirst(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext context, Object bytes) {
                channel.attr(HAS_READ).set(true);
                context.fireChannelRead(bytes);
                context.pipeline().remove(this);
              }
            });
    var unused =
        channel
            .closeFuture()
            .addListener(
                closed -> {
                  channels.remove(channel);
                  monitor.suspect();
                });
  }

  private void cutAll() {
    for (Channel channel : channels) {
      var unused = channel.close();
    }
  }

  private void cutSilent() {
    for (Channel channel : channels) {
      if (!channel.hasAttr(HAS_READ)) {
        var unused = channel.close();
      }
    }
  }

  /** Says whether Redis is away. */
  StoreMonitor monitor() {
    return monitor;
  }

  /** The threads of the connections. */
  ClientResources resources() {
    return resources;
  }

  /** Stops the threads. All connections must be closed. */
  @Override
  public void close() {
    resources.shutdown(0, 10, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
