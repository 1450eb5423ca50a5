package dev.milepost.server.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A Redis cluster of three primaries for tests; its nodes end with this process. */
public final class RedisCluster implements AutoCloseable {
  private static final int NODES = 3;
  private static final int SLOTS = 16_384;
  private static final int SLOTS_IN_A_LINE = 1_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final AtomicInteger PREFIXES = new AtomicInteger();

  private final Map<String, String> settings = new HashMap<>(Map.of("cluster-enabled", "yes"));
  private final List<RedisProcess> nodes = new ArrayList<>();

  private RedisCluster(Map<String, String> more) {
    settings.putAll(more);
  }

  /** The URL of an empty store in a cluster that is started once. */
  public static String emptyStore() {
    return Running.CLUSTER.emptyPrefix();
  }

  /**
   * Starts a cluster of a single test.
   *
   * @param settings of its nodes, by name
   */
  public static RedisCluster start(Map<String, String> settings) {
    try {
      RedisCluster cluster = new RedisCluster(settings);
      for (int node = 0; node < NODES; node++) {
        cluster.add();
        own(cluster.node(node), node * SLOTS / NODES, (node + 1) * SLOTS / NODES);
      }
      cluster.awaitOk();
      return cluster;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add() throws IOException {
    RedisProcess node = RedisProcess.start(settings);
    nodes.add(node);
    require(node(0).send("CLUSTER MEET 127.0.0.1 " + node.port()));
  }

  /** Adds a replica of a primary, which has all of its data on return. */
  public void addReplica(int primary) throws IOException {
    String id = node(primary).send("CLUSTER MYID");
    add();
    RedisProcess replica = nodes.get(nodes.size() - 1);
    // It needs to have met that primary.
    await(() -> replica.send("CLUSTER REPLICATE " + id).equals("+OK"), "a replica");
    await(() -> node(primary).send("WAIT 1 100").equals(":1"), "replication");
    awaitOk();
  }

  private void awaitOk() {
    for (RedisProcess node : nodes) {
      await(() -> node.send("CLUSTER INFO").equals("cluster_state:ok"), "a cluster");
    }
  }

  /** Something that must become true. */
  private interface Condition {
    boolean isTrue() throws IOException;
  }

  private static void await(Condition condition, String what) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (!condition.isTrue()) {
        if (System.nanoTime() > end) {
          throw new AssertionError("the nodes do not make " + what);
        }
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void own(RedisProcess node, int from, int until) throws IOException {
    for (int first = from; first < until; first += SLOTS_IN_A_LINE) {
      String some =
          IntStream.range(first, Math.min(until, first + SLOTS_IN_A_LINE))
              .mapToObj(String::valueOf)
              .collect(Collectors.joining(" "));
      require(node.send("CLUSTER ADDSLOTS " + some));
    }
  }

  private static void require(String answer) {
    if (!answer.equals("+OK")) {
      throw new AssertionError(answer);
    }
  }

  /** A node: 0 to 2 are the primaries, then those that were added. */
  public RedisProcess node(int index) {
    return nodes.get(index);
  }

  /** The URL of an empty store in this cluster. */
  public String emptyPrefix() {
    return node(NODES - 1).url() + "?prefix=test-" + PREFIXES.incrementAndGet();
  }

  @Override
  public void close() {
    nodes.forEach(RedisProcess::close);
  }

  /** Started on first use. */
  private static final class Running {
    private static final RedisCluster CLUSTER = start(Map.of());
  }
}
