package dev.milepost.server.store.redis;

import dev.milepost.server.store.engine.StoreMonitor;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * What the connections of one store have in common: threads, how soon they reconnect, and that all
 * of them are cut when Redis goes away. A connection on which nothing arrives any more would
 * otherwise stay for a quarter of an hour, and the driver would not open another one. Thread-safe.
 */
final class RedisLink implements AutoCloseable {
  private static final Duration MIN_RECONNECT_DELAY = Duration.ofMillis(10);
  private static final Duration MAX_RECONNECT_DELAY = Duration.ofSeconds(1);

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
  }

  private void opened(Channel channel) {
    channels.add(channel);
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
