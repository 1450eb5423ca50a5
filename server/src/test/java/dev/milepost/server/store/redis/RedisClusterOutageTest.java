package dev.milepost.server.store.redis;

import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.RedisCluster;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Kind;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.storage.v1.JobRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A node of a cluster that dies, while the others say that all is well. */
@Tag("slow")
class RedisClusterOutageTest {
  private RedisCluster cluster;

  private final SettableClock clock = new SettableClock();

  @BeforeEach
  void startCluster() {
    cluster =
        RedisCluster.start(
            Map.of("cluster-require-full-coverage", "no", "cluster-node-timeout", "600000"));
  }

  @AfterEach
  void stopCluster() {
    cluster.close();
  }

  private StoreHarness open() {
    return new StoreHarness(
        RedisJobStore.open(
            cluster.emptyPrefix(),
            clock,
            StoreHarness.CAP,
            RedisOptions.STANDARD,
            CommitObserver.NONE),
        clock);
  }

  /** Creates jobs of so many tenants that each node has some. */
  private static List<CompletionStage<JobRecord>> createEverywhere(StoreHarness store, String id) {
    List<CompletionStage<JobRecord>> all = new ArrayList<>();
    for (int tenant = 0; tenant < 40; tenant++) {
      NewJob job = job(id, spec());
      all.add(
          store.createLater(
              new NewJob(
                  new JobKey("tenant" + tenant, id),
                  job.userId(),
                  job.createdBy(),
                  "",
                  "",
                  job.spec()),
              List.of()));
    }
    return all;
  }

  private static void awaitUp(StoreHarness store, boolean isUp) {
    await()
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(60))
        .until(() -> store.store().health().engine().isUp() == isUp);
  }

  /**
   * Waits until jobs can be created on all nodes again. The store is up as soon as its probe is
   * answered; for a moment longer, the client may not know yet which node has a slot.
   */
  private static void awaitWritable(StoreHarness store, String id) {
    awaitUp(store, true);
    AtomicInteger tries = new AtomicInteger();
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreException(StoreException.class)
        .until(
            () -> {
              StoreHarness.awaitAll(createEverywhere(store, id + tries.incrementAndGet()));
              return true;
            });
  }

  private void checkAway(StoreHarness store, int node) throws IOException {
    awaitUp(store, false);
    assertThat(cluster.node(2).send("CLUSTER INFO")).isEqualTo("cluster_state:ok");
    for (CompletionStage<JobRecord> late : createEverywhere(store, "late")) {
      assertThat(refusal(late)).contains(" of the Redis cluster cannot");
    }
    // At first, connections to other nodes may be closed too.
    String named =
        "The node 127.0.0.1:" + cluster.node(node).port() + " of the Redis cluster cannot";
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> refusal(createEverywhere(store, "late").get(0)).contains(named));
  }

  private static String refusal(CompletionStage<JobRecord> late) {
    StoreException away =
        catchThrowableOfType(StoreException.class, () -> StoreHarness.await(late));
    assertThat(away.kind()).isEqualTo(Kind.AWAY);
    return away.getMessage();
  }

  @Test
  void deadAndFrozenNodesAreAnOutageUntilTheyAreBack() throws IOException {
    StoreHarness store = open();
    StoreHarness.awaitAll(createEverywhere(store, "a"));

    cluster.node(1).kill();
    checkAway(store, 1);
    cluster.node(1).start();
    awaitWritable(store, "b");

    cluster.node(1).freeze();
    try {
      checkAway(store, 1);
    } finally {
      cluster.node(1).thaw();
    }
    awaitWritable(store, "c");
    store.store().close();
  }

  @Test
  void replicaThatTakesOverEndsTheOutage() throws IOException {
    cluster.addReplica(0);
    StoreHarness store = open();
    StoreHarness.awaitAll(createEverywhere(store, "a"));

    cluster.node(0).kill();
    checkAway(store, 0);
    assertThat(cluster.node(3).send("CLUSTER FAILOVER TAKEOVER")).isEqualTo("+OK");
    awaitWritable(store, "b");
    store.store().close();
  }
}
