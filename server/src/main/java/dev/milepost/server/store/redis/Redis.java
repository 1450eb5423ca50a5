package dev.milepost.server.store.redis;

import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.engine.EngineProbe;
import dev.milepost.server.store.engine.StoreMonitor;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
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
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
 * A connection to a Redis server or cluster. Thread-safe. Requests that are in progress when a
 * connection is lost are sent again on the next one, so scripts must tolerate running twice.
 */
final class Redis implements AutoCloseable {
  private static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

  private static final Logger LOG = LoggerFactory.getLogger(Redis.class);

  /** How often a script is sent, at least, before its caller gives up. */
  private static final int MIN_TRIES = 5;

  /**
   * Delays a retry, and keeps it off the connection's own thread, which has yet to notice the loss.
   */
  private static final Executor RETRY_DELAY =
      CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS);

  private final AbstractRedisClient client;
  private final StatefulConnection<String, byte[]> connection;
  private final RedisClusterAsyncCommands<String, byte[]> commands;
  private final Duration timeout;
  private final RedisLink link;
  private final boolean isOwner;

  private Redis(
      AbstractRedisClient client,
      StatefulConnection<String, byte[]> connection,
      Duration timeout,
      RedisLink link,
      boolean isOwner) {
    this.client = client;
    this.connection = connection;
    this.commands =
        connection instanceof StatefulRedisClusterConnection<String, byte[]> cluster
            ? cluster.async()
            : ((StatefulRedisConnection<String, byte[]>) connection).async();
    this.timeout = timeout;
    this.link = link;
    this.isOwner = isOwner;
  }

  /**
   * Connects. Blocks.
   *
   * @param timeout how long to wait for a response
   * @param monitor ends waits while Redis is away
   * @throws StoreException if Redis cannot be reached or refuses the connection
   */
  static Redis open(RedisUrl url, Duration timeout, StoreMonitor monitor) {
    RedisLink link = new RedisLink(monitor);
    RedisClient client = RedisClient.create(link.resources(), url.uri());
    client.setOptions(options(ClientOptions.builder(), timeout).build());
    try {
      StatefulRedisConnection<String, byte[]> connection = client.connect(CODEC);
      if (!connection.sync().info("cluster").contains("cluster_enabled:1")) {
        return new Redis(client, connection, timeout, link, true);
      }
    } catch (RedisException e) {
      client.shutdown(Duration.ZERO, timeout);
      link.close();
      throw RedisFailures.notApplied(rootCause(e));
    }
    client.shutdown(Duration.ZERO, timeout);
    return openCluster(url, timeout, link);
  }

  private static Redis openCluster(RedisUrl url, Duration timeout, RedisLink link) {
    if (url.uri().getDatabase() != 0) {
      link.close();
      throw new StoreException(
          Outcome.NOT_APPLIED, "A Redis cluster has only database 0. Correct the store's URL.");
    }
    RedisClusterClient client = RedisClusterClient.create(link.resources(), url.uri());
    ClusterTopologyRefreshOptions refresh =
        ClusterTopologyRefreshOptions.builder()
            .enablePeriodicRefresh(Duration.ofSeconds(30))
            .build();
    ClusterClientOptions.Builder options = ClusterClientOptions.builder();
    options(options, timeout);
    client.setOptions(options.topologyRefreshOptions(refresh).build());
    try {
      return new Redis(client, client.connect(CODEC), timeout, link, true);
    } catch (RedisException e) {
      client.shutdown(Duration.ZERO, timeout);
      link.close();
      throw RedisFailures.notApplied(rootCause(e));
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

  /**
   * Returns the deepest Redis error: the driver's exception hides why Redis refused the connection.
   */
  static RedisException rootCause(RedisException e) {
    Throwable cause = e;
    while (cause.getCause() instanceof RedisException deeper) {
      cause = deeper;
    }
    return (RedisException) cause;
  }

  /**
   * Opens another connection, so that its users do not delay others. Must be closed before this
   * one.
   */
  Redis openAnother() {
    StatefulConnection<String, byte[]> more =
        client instanceof RedisClusterClient cluster
            ? cluster.connect(CODEC)
            : ((RedisClient) client).connect(CODEC);
    return new Redis(client, more, timeout, link, false);
  }

  /** Returns what asks this Redis whether it is there; its owner closes it. */
  EngineProbe probe(RedisUrl url) {
    return client instanceof RedisClusterClient cluster
        ? new RedisClusterProbe(cluster)
        : new RedisProbe(url, link);
  }

  boolean isCluster() {
    return client instanceof RedisClusterClient;
  }

  /** Sends single commands. */
  RedisClusterAsyncCommands<String, byte[]> commands() {
    return commands;
  }

  /** Runs a script that returns a list. */
  CompletionStage<List<Object>> list(RedisScript script, String[] keys, RedisArguments args) {
    return run(script, ScriptOutputType.MULTI, keys, args.toArray());
  }

  /** Runs a script that returns a number. */
  CompletionStage<Long> number(RedisScript script, String[] keys, RedisArguments args) {
    return run(script, ScriptOutputType.INTEGER, keys, args.toArray());
  }

  private <T> CompletionStage<T> run(
      RedisScript script, ScriptOutputType type, String[] keys, byte[][] args) {
    long begun = System.nanoTime();
    CompletableFuture<T> answer = new CompletableFuture<>();
    run(script, type, keys, args, begun, answer);
    return answer;
  }

  private <T> void run(
      RedisScript script,
      ScriptOutputType type,
      String[] keys,
      byte[][] args,
      long begun,
      CompletableFuture<T> answer) {
    var unused =
        commands
            .<T>evalsha(script.digest(), type, keys, args)
            .handle(
                (reply, failure) ->
                    // Redis forgets scripts when it restarts.
                    failure != null && unwrapped(failure) instanceof RedisNoScriptException
                        ? commands.<T>eval(script.text(), type, keys, args)
                        : settled(reply, failure))
            .thenCompose(Function.identity())
            .toCompletableFuture()
            .orTimeout(timeout.dividedBy(MIN_TRIES).toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete(
                (reply, failure) -> {
                  if (failure == null) {
                    link.monitor().proved();
                    answer.complete(reply);
                  } else if (mayBeOver(unwrapped(failure))
                      && !link.monitor().isAway()
                      && System.nanoTime() - begun < timeout.toNanos()) {
                    link.monitor().suspect();
                    // The driver fails or forgets what it had sent before a connection was lost.
                    LOG.debug("Running a script again because its response was lost.", failure);
                    RETRY_DELAY.execute(() -> run(script, type, keys, args, begun, answer));
                  } else {
                    answer.completeExceptionally(
                        mayBeOver(unwrapped(failure)) && link.monitor().isAway()
                            ? new RedisAway(link.monitor())
                            : asRedis(unwrapped(failure)));
                  }
                });
  }

  private static boolean mayBeOver(Throwable failure) {
    return isLost(failure)
        || (failure instanceof RedisException redis && RedisFailures.isTransient(redis));
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
   * Reads a snapshot of a shard.
   *
   * @param args commands that read
   */
  CompletionStage<List<Object>> read(RedisShard shard, RedisArguments args) {
    return read(shard, args, 0);
  }

  /**
   * Reads a snapshot of a shard, and stops after so many bytes.
   *
   * @param args commands that read
   * @param maxBytes 0: no limit
   * @return the replies to the commands, in order and at least one; those after the limit are
   *     missing
   */
  CompletionStage<List<Object>> read(RedisShard shard, RedisArguments args, long maxBytes) {
    RedisArguments all = new RedisArguments().add(maxBytes).all(args);
    return list(RedisScript.READ, new String[] {shard.base()}, all);
  }

  /** Asks for the time of Redis; of any node of a cluster. */
  CompletionStage<Instant> time() {
    return commands
        .time()
        .thenApply(
            time ->
                Instant.EPOCH
                    .plusSeconds(number(time.get(0)))
                    .plus(number(time.get(1)), ChronoUnit.MICROS));
  }

  private static long number(byte[] digits) {
    return Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
  }

  /**
   * Waits for a response.
   *
   * @throws RedisException if the request failed; {@link RedisAway} if Redis is away
   */
  <T> T await(CompletionStage<T> response) {
    CompletableFuture<T> stage =
        link.monitor()
            .untilAway(
                response.thenApply(Function.identity()).toCompletableFuture(),
                () -> new RedisAway(link.monitor()));
    try {
      return Uninterruptibles.get(
          () -> {
            try {
              // Scripts give up earlier.
              return stage.get(2 * timeout.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
              throw new CompletionException(e.getCause());
            } catch (TimeoutException e) {
              throw new CompletionException(
                  new RedisCommandTimeoutException("Redis did not respond."));
            }
          });
    } catch (CompletionException e) {
      if (asRedis(unwrapped(e)) instanceof RedisException failure) {
        throw failure;
      }
      throw e;
    }
  }

  /** Opens a connection that receives published messages. */
  StatefulRedisPubSubConnection<String, byte[]> listen() {
    return client instanceof RedisClusterClient cluster
        ? cluster.connectPubSub(CODEC)
        : ((RedisClient) client).connectPubSub(CODEC);
  }

  /**
   * Returns how many connections listen to a channel, on any node; 0 if Redis does not say. Blocks.
   */
  long subscribers(String channel) {
    List<CompletionStage<Map<String, Long>>> asked = new ArrayList<>();
    if (connection instanceof StatefulRedisClusterConnection<String, byte[]> cluster) {
      for (RedisClusterNode node : cluster.getPartitions()) {
        asked.add(cluster.getConnection(node.getNodeId()).async().pubsubNumsub(channel));
      }
    } else {
      asked.add(commands.pubsubNumsub(channel));
    }
    long subscribers = 0;
    for (CompletionStage<Map<String, Long>> answer : asked) {
      try {
        subscribers += await(answer).getOrDefault(channel, 0L);
      } catch (RedisCommandExecutionException e) {
        LOG.debug("Redis does not say who listens.", e);
      }
    }
    return subscribers;
  }

  /**
   * Waits until replicas have what this connection has written, and returns their number. On a
   * cluster, these are the replicas of the node with the shard.
   */
  CompletionStage<Long> replicated(RedisShard shard, int replicas, Duration timeout) {
    BaseRedisAsyncCommands<String, byte[]> node = commands;
    if (connection instanceof StatefulRedisClusterConnection<String, byte[]> cluster) {
      int slot = SlotHash.getSlot(shard.base());
      node =
          cluster
              .getConnection(cluster.getPartitions().getPartitionBySlot(slot).getNodeId())
              .async();
    }
    return node.waitForReplication(replicas, timeout.toMillis());
  }

  @Override
  public void close() {
    connection.close();
    if (isOwner) {
      client.shutdown(Duration.ZERO, timeout);
      link.close();
    }
  }
}
