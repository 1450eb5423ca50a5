package dev.milepost.server.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A Redis cluster of three nodes for tests, started once; it ends with this process. */
public final class RedisCluster {
  private static final int NODES = 3;
  private static final int SLOTS = 16_384;
  private static final int SLOTS_IN_A_LINE = 1_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final AtomicInteger PREFIXES = new AtomicInteger();

  private RedisCluster() {}

  /** The URL of an empty store. */
  public static String emptyStore() {
    return Running.URL + "?prefix=test-" + PREFIXES.incrementAndGet();
  }

  /** Started on first use. */
  private static final class Running {
    private static final String URL = start();

    private static String start() {
      Map<String, String> settings = Map.of("cluster-enabled", "yes");
      List<RedisProcess> nodes =
          Stream.generate(() -> RedisProcess.start(settings)).limit(NODES).toList();
      try {
        for (int node = 0; node < NODES; node++) {
          own(nodes.get(node), node * SLOTS / NODES, (node + 1) * SLOTS / NODES);
          require(nodes.get(0).send("CLUSTER MEET 127.0.0.1 " + nodes.get(node).port()));
        }
        long end = System.nanoTime() + PATIENCE.toNanos();
        for (RedisProcess node : nodes) {
          while (!node.send("CLUSTER INFO").equals("cluster_state:ok")) {
            if (System.nanoTime() > end) {
              throw new AssertionError("the nodes do not make a cluster");
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return nodes.get(0).url();
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
  }
}
