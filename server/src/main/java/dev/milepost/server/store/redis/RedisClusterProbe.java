package dev.milepost.server.store.redis;

import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.store.engine.EngineProbe;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks each primary of a cluster whether the cluster accepts changes. One alone does not know:
 * until the nodes agree that another is dead, and for good if the cluster does not require all of
 * its slots, it says that all is well.
 */
final class RedisClusterProbe implements EngineProbe {
  private static final Logger LOG = LoggerFactory.getLogger(RedisClusterProbe.class);

  private final RedisClusterClient client;
  private final StatefulRedisClusterConnection<String, String> connection;

  /** The primaries when last they had all slots. Used by one thread. */
  private List<RedisClusterNode> complete = List.of();

  /** Opens a connection, which finds another node if one is lost. */
  RedisClusterProbe(RedisClusterClient client) {
    this.client = client;
    this.connection = client.connect();
  }

  @Override
  public Optional<String> check(Duration timeout) {
    Optional<String> refusal = refusal(timeout);
    if (refusal.isPresent()) {
      // After a failover, another node is the primary: the next check asks that one.
      var unused = client.refreshPartitionsAsync();
    }
    return refusal;
  }

  private Optional<String> refusal(Duration timeout) {
    List<RedisClusterNode> primaries = primaries();
    if (primaries.stream().mapToInt(node -> node.getSlots().size()).sum() < SlotHash.SLOT_COUNT) {
      // The others agree that a node is dead, and no longer tell which slots it had.
      return Optional.of(lost(primaries));
    }
    complete = primaries;
    Map<RedisClusterNode, CompletableFuture<String>> asked = new LinkedHashMap<>();
    primaries.forEach(node -> asked.put(node, ask(node)));
    for (Map.Entry<RedisClusterNode, CompletableFuture<String>> node : asked.entrySet()) {
      Optional<String> info = response(node.getKey(), node.getValue(), timeout);
      if (info.isEmpty()) {
        return Optional.of(RedisFailures.silentNode(node.getKey().getUri()));
      }
      // Otherwise the cluster has lost some of its keys, or is being set up.
      if (!info.get().contains("cluster_state:ok")) {
        return Optional.of(RedisFailures.NOT_READY);
      }
    }
    return Optional.empty();
  }

  private List<RedisClusterNode> primaries() {
    List<RedisClusterNode> primaries = new ArrayList<>();
    for (RedisClusterNode node : connection.getPartitions()) {
      if (node.getRole().isUpstream() && !node.getSlots().isEmpty()) {
        primaries.add(node);
      }
    }
    return primaries;
  }

  /** Names a node that had slots and is gone. */
  private String lost(List<RedisClusterNode> primaries) {
    return complete.stream()
        .filter(
            node -> primaries.stream().noneMatch(now -> now.getNodeId().equals(node.getNodeId())))
        .findFirst()
        .map(node -> RedisFailures.silentNode(node.getUri()))
        .orElse(RedisFailures.NOT_READY);
  }

  private CompletableFuture<String> ask(RedisClusterNode node) {
    return connection
        .getConnectionAsync(node.getNodeId())
        .thenCompose(
            to ->
                to.isOpen()
                    ? to.async().clusterInfo()
                    : CompletableFuture.failedStage(new RedisException("not connected")))
        .toCompletableFuture();
  }

  /**
   * Waits for a response; empty if there is none. A node is asked again, since it may only be slow,
   * or its connection may just have been closed because another node was lost.
   */
  private Optional<String> response(
      RedisClusterNode node, CompletableFuture<String> asked, Duration timeout) {
    try {
      return Optional.of(await(asked, timeout));
    } catch (RedisException e) {
      LOG.debug("A node of the cluster did not respond.", e);
      return responseAgain(node, timeout);
    }
  }

  private Optional<String> responseAgain(RedisClusterNode node, Duration timeout) {
    try {
      return Optional.of(await(ask(node), timeout));
    } catch (RedisException e) {
      LOG.debug("A node of the cluster did not respond again.", e);
      return Optional.empty();
    }
  }

  private static String await(CompletableFuture<String> asked, Duration timeout) {
    return Uninterruptibles.get(
        () -> {
          try {
            return asked.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
          } catch (ExecutionException e) {
            throw new RedisException(e.getCause());
          } catch (TimeoutException e) {
            throw new RedisCommandTimeoutException(timeout.toString());
          }
        });
  }

  @Override
  public void close() {
    connection.close();
  }
}
