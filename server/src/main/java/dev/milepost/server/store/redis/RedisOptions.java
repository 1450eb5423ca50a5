package dev.milepost.server.store.redis;

import java.time.Duration;

/**
 * Tuning of a store; tests use other values than the server.
 *
 * @param groupLimit maximum number of updates in one commit
 * @param groupBytes memory that the jobs of a commit may use, apart from those of its last update
 * @param queueLimit maximum number of waiting updates; further ones fail
 * @param timeout how long to wait for a response, including reconnects
 * @param poll interval at which changes by other servers are read if no message arrives
 * @param changesKept how long changes are kept for servers that are cut off
 * @param redisTime whether decisions use Redis's clock, so that the clocks of servers may differ;
 *     otherwise the given clock
 */
record RedisOptions(
    int groupLimit,
    long groupBytes,
    int queueLimit,
    Duration timeout,
    Duration poll,
    Duration changesKept,
    boolean redisTime) {
  static final RedisOptions STANDARD =
      new RedisOptions(
          256,
          64 << 20,
          20_000,
          Duration.ofSeconds(10),
          Duration.ofSeconds(1),
          Duration.ofSeconds(30),
          true);
}
