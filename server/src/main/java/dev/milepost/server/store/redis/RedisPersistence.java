package dev.milepost.server.store.redis;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.StoreInfo;
import dev.milepost.server.store.StoreInfo.Durability;
import io.lettuce.core.RedisException;
import java.util.HashMap;
import java.util.Map;

/** What Redis is and is set to, and so what an acknowledgement is worth. */
final class RedisPersistence {
  private static final int LEAST_MAJOR = 6;
  private static final int LEAST_MINOR = 2;

  private RedisPersistence() {}

  /**
   * Asks Redis.
   *
   * @throws StoreException where it is too old, or would drop jobs when its memory runs out
   * @throws RedisException where it does not answer
   */
  static StoreInfo info(Redis redis, RedisUrl url) {
    Map<String, String> facts = facts(redis.await(redis.commands().info()));
    requireVersion(facts.getOrDefault("redis_version", "0.0"));
    String policy = facts.getOrDefault("maxmemory_policy", "");
    if (!policy.equals("noeviction")) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          "Redis would drop jobs when its memory runs out: its maxmemory-policy is "
              + policy
              + ", set it to noeviction.");
    }
    Durability durability;
    String note;
    if (facts.getOrDefault("aof_enabled", "0").equals("0")) {
      durability = Durability.CONFIGURED;
      note =
          "What is acknowledged is lost when Redis stops, as far as it came after its last"
              + " snapshot: its setting appendonly is no.";
    } else {
      String flush = flush(redis);
      durability = flush.equals("always") ? Durability.DURABLE : Durability.CONFIGURED;
      note =
          switch (flush) {
            case "always" -> "What is acknowledged has been written to the disk of Redis.";
            case "everysec" ->
                "What was acknowledged in the last second or two is lost when the machine of Redis"
                    + " loses its power: its setting appendfsync is everysec.";
            case "no" ->
                "What was acknowledged in the last half minute is lost when the machine of Redis"
                    + " loses its power: its setting appendfsync is no.";
            default ->
                "What is acknowledged is written to the disk of Redis soon after; it does not say"
                    + " when.";
          };
    }
    if (url.replicas() > 0) {
      note +=
          " It has reached " + url.replicas() + (url.replicas() == 1 ? " replica." : " replicas.");
    }
    return new StoreInfo("redis", url.location(), durability, note);
  }

  private static void requireVersion(String version) {
    String[] parts = version.split("\\.", 3);
    int major = Integer.parseInt(parts[0]);
    int minor = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
    if (major < LEAST_MAJOR || (major == LEAST_MAJOR && minor < LEAST_MINOR)) {
      throw new StoreException(
          Outcome.NOT_APPLIED, "This is Redis " + version + ": use version 6.2 or later.");
    }
  }

  /** A service may not let its settings be read. */
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
