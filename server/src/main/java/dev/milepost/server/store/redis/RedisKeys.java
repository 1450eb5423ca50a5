package dev.milepost.server.store.redis;

import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisException;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Goes through all keys of a store, some at a time, whatever its indexes say. A key that exists all
 * the while is seen at least once, and may be seen again. Blocks; used by one thread.
 */
final class RedisKeys {
  /** About as many keys of the node are looked at in one step. */
  private static final int STEP = 500;

  private final Redis redis;
  private final RedisShards shards;
  private final ScanArgs of;

  /**
   * The keys of a store.
   *
   * @param prefix prefix of all keys, which has no character that means something in a pattern
   */
  RedisKeys(Redis redis, RedisShards shards, String prefix) {
    this.redis = redis;
    this.shards = shards;
    this.of = ScanArgs.Builder.matches(prefix + ":{*").limit(STEP);
  }

  /** Takes keys. */
  interface Taker {
    /**
     * Takes some keys of a shard.
     *
     * @param names the keys without the shard's prefix
     */
    void take(RedisShard shard, List<String> names);
  }

  /**
   * Hands all keys to a taker.
   *
   * @throws RedisException if Redis cannot be reached
   */
  void each(Taker taker) {
    ScanCursor cursor = ScanCursor.INITIAL;
    while (!cursor.isFinished()) {
      KeyScanCursor<String> found = redis.await(redis.commands().scan(cursor, of));
      Map<RedisShard, List<String>> split = new LinkedHashMap<>();
      for (String key : found.getKeys()) {
        shards
            .ofKey(key)
            .ifPresent(
                shard ->
                    split
                        .computeIfAbsent(shard, none -> new ArrayList<>())
                        .add(key.substring(shard.base().length())));
      }
      split.forEach(taker::take);
      cursor = found;
    }
  }
}
