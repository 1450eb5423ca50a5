package dev.milepost.server.store.redis;

import dev.milepost.server.store.engine.EngineProbe;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a single Redis whether it responds and accepts changes. */
final class RedisProbe implements EngineProbe {
  private static final Logger LOG = LoggerFactory.getLogger(RedisProbe.class);

  private final RedisClient client;
  private final RedisURI uri;
  private @Nullable StatefulRedisConnection<String, String> connection;

  RedisProbe(RedisUrl url, RedisLink link) {
    this.uri = RedisURI.builder(url.uri()).build();
    this.client = RedisClient.create(link.resources(), uri);
  }

  @Override
  public Optional<String> check(Duration timeout) {
    StatefulRedisConnection<String, String> known = connection;
    if (known != null) {
      try {
        Optional<String> refusal = refusal(known, timeout);
        if (refusal.isEmpty()) {
          return refusal;
        }
        // After a failover, the next connection may lead to the new primary.
        drop();
      } catch (RedisException e) {
        LOG.debug("A connection to Redis is lost.", e);
        drop();
      }
    }
    client.setOptions(
        ClientOptions.builder()
            .autoReconnect(false)
            .socketOptions(SocketOptions.builder().connectTimeout(timeout).build())
            .build());
    try {
      uri.setTimeout(timeout);
      StatefulRedisConnection<String, String> opened = client.connect(uri);
      connection = opened;
      return refusal(opened, timeout);
    } catch (RedisException e) {
      drop();
      throw RedisFailures.away(Redis.rootCause(e));
    }
  }

  private static Optional<String> refusal(
      StatefulRedisConnection<String, String> to, Duration timeout) {
    to.setTimeout(timeout);
    return to.sync().info("replication").contains("role:slave")
        ? Optional.of(RedisFailures.REPLICA)
        : Optional.empty();
  }

  private void drop() {
    StatefulRedisConnection<String, String> known = connection;
    connection = null;
    if (known != null) {
      var unused = known.closeAsync();
    }
  }

  @Override
  public void close() {
    drop();
    client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
  }
}
