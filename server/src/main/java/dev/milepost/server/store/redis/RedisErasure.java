package dev.milepost.server.store.redis;

import dev.milepost.server.store.Erased;
import dev.milepost.server.store.engine.RequestDigest;
import java.util.HexFormat;
import java.util.List;

/**
 * Erases what is left of a user without jobs. Blocks; used on a thread of its own.
 *
 * <p>The keys of requests expire after a day and have no index, so all keys of the node are
 * scanned.
 */
final class RedisErasure {
  private static final int SCANNED_KEYS = 2_000;

  private final Redis redis;
  private final RedisShard shard;

  RedisErasure(Redis redis, RedisShard shard) {
    this.redis = redis;
    this.shard = shard;
  }

  Erased erase(String tenantId, String userId) {
    String pattern =
        literal(shard.request(HexFormat.of().formatHex(RequestDigest.ofUser(tenantId, userId))))
            + "*";
    long requests = 0;
    String cursor = "0";
    do {
      RedisArguments scan =
          new RedisArguments().command("SCAN", cursor, "MATCH", pattern, "COUNT", SCANNED_KEYS);
      List<?> reply = (List<?>) redis.await(redis.read(shard, scan)).get(0);
      cursor = RedisSnapshot.text(reply.get(0));
      String[] keys =
          ((List<?>) reply.get(1)).stream().map(RedisSnapshot::text).toArray(String[]::new);
      if (keys.length > 0) {
        requests += redis.await(redis.commands().del(keys));
      }
    } while (!cursor.equals("0"));
    long left =
        redis.await(
            redis.number(
                RedisScript.FORGET,
                new String[] {shard.counts(tenantId, userId), shard.users(tenantId)},
                new RedisArguments().add(userId)));
    return new Erased(requests, left == 0);
  }

  /** Escapes the characters that have a meaning in a pattern. */
  private static String literal(String key) {
    return key.replaceAll("[\\\\*?\\[\\]^-]", "\\\\$0");
  }
}
