package dev.milepost.server.store.redis;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The layout of a store in Redis, which the hash {@code PREFIX:store} names: creates a store,
 * upgrades one that an earlier version has written, and refuses those of later versions. Blocks.
 */
final class RedisLayout {
  /** The layout with the texts in which filters search. */
  static final String CURRENT = "4";

  /** Layouts without checksums; the first one has no indexes of ids and terms either. */
  private static final Set<String> UNCHECKED_LAYOUTS = Set.of("1", "2");

  /** The layout with checksums, and without texts. */
  private static final String CHECKED_LAYOUT = "3";

  private static final String LAYOUT = "layout";
  private static final String SHARDS = "shards";

  /** Field that is there while values without checksums may remain. */
  private static final String UNCHECKED = "unchecked";

  /**
   * Shards of a store that is created on a cluster: enough for many nodes, and few enough to query
   * all.
   */
  private static final int CLUSTER_SHARDS = 64;

  private final Redis redis;
  private final RedisUrl url;
  private final String key;

  RedisLayout(Redis redis, RedisUrl url) {
    this.redis = redis;
    this.url = url;
    this.key = url.prefix() + ":store";
  }

  /** Key of the hash that describes the store. */
  String key() {
    return key;
  }

  /**
   * The channel of messages about commits. Earlier layouts have another one, so that a server of an
   * earlier version is noticed.
   */
  String channel() {
    return url.prefix() + ":changed:" + CURRENT;
  }

  private List<String> earlierChannels() {
    String first = url.prefix() + ":changed";
    return List.of(first, first + ":" + CHECKED_LAYOUT);
  }

  /**
   * Returns the shards that the store was created with. Creates it if it does not exist, and
   * upgrades it if an earlier version has written it.
   *
   * @throws StoreException if a later version has written it, or a server of an earlier one uses it
   */
  RedisShards open() {
    int count = redis.isCluster() ? CLUSTER_SHARDS : 1;
    if (redis.await(redis.commands().hsetnx(key, LAYOUT, RedisArguments.bytes(CURRENT)))) {
      RedisTermFill.markNew(redis, key);
    }
    redis.await(redis.commands().hsetnx(key, SHARDS, RedisArguments.bytes(count)));
    String layout = field(LAYOUT);
    if (UNCHECKED_LAYOUTS.contains(layout)) {
      requireNoEarlierServer();
      // Servers of earlier versions refuse it from now on.
      redis.await(
          redis
              .commands()
              .hset(
                  key,
                  Map.of(
                      LAYOUT, RedisArguments.bytes(CURRENT), UNCHECKED, RedisArguments.bytes(1))));
    } else if (layout.equals(CHECKED_LAYOUT)) {
      requireNoEarlierServer();
      redis.await(redis.commands().hset(key, LAYOUT, RedisArguments.bytes(CURRENT)));
    } else if (!layout.equals(CURRENT)) {
      throw unsupported(layout);
    }
    RedisShards shards = shards();
    if (!field(UNCHECKED).isEmpty()) {
      new RedisChecksumUpgrade(redis, shards, url.prefix()).run();
      redis.await(redis.commands().hdel(key, UNCHECKED));
    }
    return shards;
  }

  /**
   * Returns the shards of a store of this version, and changes nothing.
   *
   * @throws StoreException if there is no store, or another version has written it
   */
  RedisShards requireCurrent() {
    String layout = field(LAYOUT);
    if (layout.isEmpty()) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          "There are no jobs of Milepost in Redis "
              + url.location()
              + ". Check the store's URL: its database and its prefix.");
    }
    if (UNCHECKED_LAYOUTS.contains(layout)
        || layout.equals(CHECKED_LAYOUT)
        || !field(UNCHECKED).isEmpty()) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          "This Redis contains jobs that an earlier version of Milepost has written. Start a server"
              + " on it first, which upgrades it.");
    }
    if (!layout.equals(CURRENT)) {
      throw unsupported(layout);
    }
    return shards();
  }

  /** Whether all jobs are in the indexes of ids and terms, and have their texts. */
  boolean isIndexed() {
    return field(RedisTermFill.INDEXED).equals(RedisTermFill.ALL);
  }

  private RedisShards shards() {
    return new RedisShards(url.prefix(), Integer.parseInt(field(SHARDS)));
  }

  /** Returns a field of the store; empty if it has none. */
  private String field(String name) {
    byte[] value = redis.await(redis.commands().hget(key, name));
    return value == null ? "" : RedisSnapshot.text(value);
  }

  /** It would write jobs as its layout has them, without checksums or texts. */
  private void requireNoEarlierServer() {
    if (earlierChannels().stream().anyMatch(channel -> redis.subscribers(channel) > 0)) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          "A server of an earlier version uses this Redis. Stop all servers of that version first:"
              + " the jobs are about to be upgraded (docs/BACKUP.md).");
    }
  }

  private static StoreException unsupported(String layout) {
    return new StoreException(
        Outcome.NOT_APPLIED,
        "This Redis contains jobs in layout "
            + layout
            + ", but this server supports layout "
            + CURRENT
            + ". Use the version of the server that created it, or another prefix"
            + " (docs/BACKUP.md).");
  }
}
