package dev.milepost.server.store.redis;

import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.BaseRedisAsyncCommands;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections to one Redis or to a cluster of them. Thread-safe. What was asked while a connection
 * is being made anew is asked again by it; a script must bear to be run twice.
 */
final class Redis implements AutoCloseable {
  private static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

  private static final Logger LOG = LoggerFactory.getLogger(Redis.class);

  /** Times that a script is run, at the least, before nobody waits for its answer any longer. */
  private static final int TRIES = 5;

  /** Not at once, and not on the connection's own thread, which has yet to see that it is gone. */
  private static final Executor AGAIN =
      CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS);

  private final AbstractRedisClient client;
  private final StatefulConnection<String, byte[]> connection;
  private final RedisClusterAsyncCommands<String, byte[]> commands;
  private final Duration timeout;
  private final boolean isOwner;

  private Redis(
      AbstractRedisClient client,
      StatefulConnection<String, byte[]> connection,
      Duration timeout,
      boolean isOwner) {
    this.client = client;
    this.connection = connection;
    this.commands =
        connection instanceof StatefulRedisClusterConnection<String, byte[]> cluster
            ? cluster.async()
            : ((StatefulRedisConnection<String, byte[]>) connection).async();
    this.timeout = timeout;
    this.isOwner = isOwner;
  }

  /**
   * Connects. Blocks.
   *
   * @param timeout so long an answer is waited for
   * @throws StoreException where that cannot be
   */
  static Redis open(RedisUrl url, Duration timeout) {
    RedisClient client = RedisClient.create(url.uri());
    client.setOptions(options(ClientOptions.builder(), timeout).build());
    try {
      StatefulRedisConnection<String, byte[]> connection = client.connect(CODEC);
      if (!connection.sync().info("cluster").contains("cluster_enabled:1")) {
        return new Redis(client, connection, timeout, true);
      }
    } catch (RedisException e) {
      client.shutdown(Duration.ZERO, timeout);
      throw RedisFailures.notApplied(rooted(e));
    }
    client.shutdown(Duration.ZERO, timeout);
    return openCluster(url, timeout);
  }

  private static Redis openCluster(RedisUrl url, Duration timeout) {
    if (url.uri().getDatabase() != 0) {
      throw new StoreException(
          Outcome.NOT_APPLIED, "A cluster of Redis has but database 0: correct the store's URL.");
    }
    RedisClusterClient client = RedisClusterClient.create(url.uri());
    ClusterTopologyRefreshOptions refresh =
        ClusterTopologyRefreshOptions.builder()
            .enablePeriodicRefresh(Duration.ofSeconds(30))
            .build();
    ClusterClientOptions.Builder options = ClusterClientOptions.builder();
    options(options, timeout);
    client.setOptions(options.topologyRefreshOptions(refresh).build());
    try {
      return new Redis(client, client.connect(CODEC), timeout, true);
    } catch (RedisException e) {
      client.shutdown(Duration.ZERO, timeout);
      throw RedisFailures.notApplied(rooted(e));
    }
  }

  private static ClientOptions.Builder options(ClientOptions.Builder builder, Duration timeout) {
    return builder
        .socketOptions(
            SocketOptions.builder()
                .connectTimeout(timeout)
                .keepAlive(true)
                .tcpNoDelay(true)
                .build())
        .timeoutOptions(TimeoutOptions.enabled(timeout));
  }

  /** What Redis said when it did not let us in lies below what the driver says. */
  private static RedisException rooted(RedisException e) {
    Throwable cause = e;
    while (cause.getCause() instanceof RedisException deeper) {
      cause = deeper;
    }
    return (RedisException) cause;
  }

  /** A connection of its own, for who must not hold up others; to be closed before this one. */
  Redis another() {
    StatefulConnection<String, byte[]> more =
        client instanceof RedisClusterClient cluster
            ? cluster.connect(CODEC)
            : ((RedisClient) client).connect(CODEC);
    return new Redis(client, more, timeout, false);
  }

  boolean isCluster() {
    return client instanceof RedisClusterClient;
  }

  /** Where single commands are asked for. */
  RedisClusterAsyncCommands<String, byte[]> commands() {
    return commands;
  }

  /** Runs a script that answers a list. */
  CompletionStage<List<Object>> list(RedisScript script, String[] keys, RedisWords words) {
    return run(script, ScriptOutputType.MULTI, keys, words.toArray());
  }

  /** Runs a script that answers a number. */
  CompletionStage<Long> number(RedisScript script, String[] keys, RedisWords words) {
    return run(script, ScriptOutputType.INTEGER, keys, words.toArray());
  }

  private <T> CompletionStage<T> run(
      RedisScript script, ScriptOutputType type, String[] keys, byte[][] words) {
    long begun = System.nanoTime();
    CompletableFuture<T> answer = new CompletableFuture<>();
    run(script, type, keys, words, begun, answer);
    return answer;
  }

  private <T> void run(
      RedisScript script,
      ScriptOutputType type,
      String[] keys,
      byte[][] words,
      long begun,
      CompletableFuture<T> answer) {
    var unused =
        commands
            .<T>evalsha(script.digest(), type, keys, words)
            .handle(
                (reply, failure) ->
                    // Redis forgets scripts when it starts anew.
                    failure != null && unwrapped(failure) instanceof RedisNoScriptException
                        ? commands.<T>eval(script.text(), type, keys, words)
                        : settled(reply, failure))
            .thenCompose(Function.identity())
            .toCompletableFuture()
            .orTimeout(timeout.dividedBy(TRIES).toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete(
                (reply, failure) -> {
                  if (failure == null) {
                    answer.complete(reply);
                  } else if (isLost(unwrapped(failure))
                      && System.nanoTime() - begun < timeout.toNanos()) {
                    // The driver asks again what it had yet to send when a connection was cut; what
                    // it
                    // had sent, it leaves to who asked, or forgets.
                    LOG.debug("A script is run again after its answer was lost.", failure);
                    AGAIN.execute(() -> run(script, type, keys, words, begun, answer));
                  } else {
                    answer.completeExceptionally(asRedis(unwrapped(failure)));
                  }
                });
  }

  private static boolean isLost(Throwable failure) {
    return failure instanceof IOException || failure instanceof TimeoutException;
  }

  private static <T> CompletionStage<T> settled(T reply, @Nullable Throwable failure) {
    return failure == null
        ? CompletableFuture.completedStage(reply)
        : CompletableFuture.failedStage(unwrapped(failure));
  }

  private static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private static Throwable asRedis(Throwable failure) {
    return isLost(failure) ? new RedisException(failure) : failure;
  }

  /**
   * Reads as of one moment.
   *
   * @param words commands
   */
  CompletionStage<List<Object>> read(RedisShard shard, RedisWords words) {
    return list(RedisScript.READ, new String[] {shard.base()}, words);
  }

  /**
   * Waits for an answer.
   *
   * @throws RedisException what the question failed with
   */
  <T> T await(CompletionStage<T> stage) {
    try {
      return Uninterruptibles.get(
          () -> {
            try {
              // What runs scripts gives up before.
              return stage.toCompletableFuture().get(2 * timeout.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
              throw new CompletionException(e.getCause());
            } catch (TimeoutException e) {
              throw new CompletionException(new RedisCommandTimeoutException("no answer at all"));
            }
          });
    } catch (CompletionException e) {
      if (asRedis(unwrapped(e)) instanceof RedisException failure) {
        throw failure;
      }
      throw e;
    }
  }

  /** A connection that listens. */
  StatefulRedisPubSubConnection<String, byte[]> listen() {
    return client instanceof RedisClusterClient cluster
        ? cluster.connectPubSub(CODEC)
        : ((RedisClient) client).connectPubSub(CODEC);
  }

  /**
   * Waits until replicas have what this connection has written; how many have. On a cluster, those
   * of the node that has the shard.
   */
  CompletionStage<Long> replicated(RedisShard shard, int replicas, Duration patience) {
    BaseRedisAsyncCommands<String, byte[]> node = commands;
    if (connection instanceof StatefulRedisClusterConnection<String, byte[]> cluster) {
      int slot = SlotHash.getSlot(shard.base());
      node =
          cluster
              .getConnection(cluster.getPartitions().getPartitionBySlot(slot).getNodeId())
              .async();
    }
    return node.waitForReplication(replicas, patience.toMillis());
  }

  @Override
  public void close() {
    connection.close();
    if (isOwner) {
      client.shutdown(Duration.ZERO, timeout);
    }
  }
}
