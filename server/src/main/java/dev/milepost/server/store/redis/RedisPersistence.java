package dev.milepost.server.store.redis;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.StoreInfo;
import dev.milepost.server.store.StoreInfo.Durability;
import io.lettuce.core.RedisException;
import java.util.HashMap;
import java.util.Map;

/** Determines from Redis's version and settings how durable an acknowledged change is. */
final class RedisPersistence {
  private static final int MIN_MAJOR = 6;
  private static final int MIN_MINOR = 2;

  private RedisPersistence() {}

  /**
   * Asks Redis.
   *
   * @throws StoreException if Redis is too old, or would evict jobs when it is out of memory
   * @throws RedisException if Redis does not respond
   */
  static StoreInfo info(Redis redis, RedisUrl url) {
    Map<String, String> facts = facts(redis.await(redis.commands().info()));
    requireVersion(facts.getOrDefault("redis_version", "0.0"));
    String policy = facts.getOrDefault("maxmemory_policy", "");
    if (!policy.equals("noeviction")) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          "Redis would evict jobs when it is out of memory: its maxmemory-policy is "
              + policy
              + ". Set it to noeviction.");
    }
    Durability durability;
    String note;
    if (facts.getOrDefault("aof_enabled", "0").equals("0")) {
      durability = Durability.CONFIGURED;
      note =
          "If Redis stops, acknowledged changes since its last snapshot are lost:"
              + " its setting appendonly is no.";
    } else {
      String flush = flush(redis);
      durability = flush.equals("always") ? Durability.DURABLE : Durability.CONFIGURED;
      note =
          switch (flush) {
            case "always" -> "Acknowledged changes are on Redis's disk.";
            case "everysec" ->
                "A power loss loses the acknowledged changes of the last second or two:"
                    + " Redis's setting appendfsync is everysec.";
            case "no" ->
                "A power loss loses the acknowledged changes of the last half minute:"
                    + " Redis's setting appendfsync is no.";
            default ->
                "Acknowledged changes are written to Redis's disk a little later; Redis does not"
                    + " say when.";
          };
    }
    if (url.replicas() > 0) {
      note +=
          " They are also on "
              + url.replicas()
              + (url.replicas() == 1 ? " replica." : " replicas.");
    }
    return new StoreInfo("redis", url.location(), durability, note);
  }

  private static void requireVersion(String version) {
    String[] parts = version.split("\\.", 3);
    int major = Integer.parseInt(parts[0]);
    int minor = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
    if (major < MIN_MAJOR || (major == MIN_MAJOR && minor < MIN_MINOR)) {
      throw new StoreException(
          Outcome.NOT_APPLIED, "This is Redis " + version + ". Use version 6.2 or later.");
    }
  }

  /** Reads when Redis flushes its log; a managed service may not let clients read settings. */
  private static String flush(Redis redis) {
    try {
      return redis
          .await(redis.commands().configGet("appendfsync"))
          .getOrDefault("appendfsync", "unknown");
    } catch (RedisException e) {
      return "unknown";
    }
  }

  private static Map<String, String> facts(String info) {
    Map<String, String> facts = new HashMap<>();
    info.lines()
        .map(line -> line.split(":", 2))
        .filter(parts -> parts.length == 2)
        .forEach(parts -> facts.put(parts[0], parts[1]));
    return facts;
  }
}
