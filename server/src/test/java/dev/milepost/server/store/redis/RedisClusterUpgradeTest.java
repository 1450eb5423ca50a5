package dev.milepost.server.store.redis;

import static dev.milepost.server.store.StoreHarness.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.RedisCluster;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** All nodes of a cluster are upgraded, and asked for servers of an earlier version. */
@Tag("slow")
class RedisClusterUpgradeTest {
  private static final int SHARDS = 64;

  private final RedisUpgradeTest upgrade = new RedisUpgradeTest();
  private final String url = RedisCluster.emptyStore();

  @Test
  void allNodesAreUpgraded() {
    List<Object> content = upgrade.fill(url, 500);
    LayoutTwo.make(url, SHARDS);
    assertThat(RedisUpgradeTest.names(url, SHARDS, "journal:")).hasSize(504);

    upgrade.assertUpgraded(url, SHARDS, content);
  }

  @Test
  void aServerOfAnEarlierVersionIsFoundOnAnyNode() {
    List<Object> content = upgrade.fill(url, 0);
    LayoutTwo.make(url, SHARDS);
    new RedisDamage(url, SHARDS)
        .run(
            key("any"),
            (redis, shard) -> {
              try (var listening = redis.listen()) {
                listening.sync().subscribe(RedisUrl.of(url).prefix() + ":changed");
                assertThatThrownBy(
                        () -> RedisJobStore.open(url, new SettableClock(), 20, CommitObserver.NONE))
                    .isInstanceOf(StoreException.class)
                    .hasMessageStartingWith("A server of an earlier version uses this Redis.");
              }
            });

    upgrade.assertUpgraded(url, SHARDS, content);
  }
}
