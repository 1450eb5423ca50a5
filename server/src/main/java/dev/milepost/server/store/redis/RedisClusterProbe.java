package dev.milepost.server.store.redis;

import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.store.engine.EngineProbe;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks any node of a cluster whether the cluster accepts changes. */
final class RedisClusterProbe implements EngineProbe {
  private final Redis redis;

  /** Takes ownership of the connection, which finds another node if one is lost. */
  RedisClusterProbe(Redis redis) {
    this.redis = redis;
  }

  @Override
  public Optional<String> check(Duration timeout) {
    CompletableFuture<String> asked = redis.commands().clusterInfo().toCompletableFuture();
    String info =
        Uninterruptibles.get(
            () -> {
              try {
                return asked.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
              } catch (ExecutionException e) {
                throw RedisFailures.away(new RedisException(e.getCause()));
              } catch (TimeoutException e) {
                throw RedisFailures.away(new RedisCommandTimeoutException(timeout.toString()));
              }
            });
    // Otherwise it has lost some of its keys, or is being set up.
    return info.contains("cluster_state:ok")
        ? Optional.empty()
        : Optional.of(RedisFailures.NOT_READY);
  }

  @Override
  public void close() {
    redis.close();
  }
}
