package dev.milepost.server.store.redis;

import java.time.Duration;

/**
 * How a store works; tests choose other values than the server.
 *
 * @param groupLimit most decisions in one commit
 * @param queueLimit most decisions that wait; more are turned away
 * @param timeout so long an answer is waited for, through reconnects
 * @param poll so long after a change of another server it is heard of at the latest, though no
 *     message comes
 * @param changesKept so long a server may be cut off and still hear of each change by itself
 * @param redisTime whether Redis's clock decides, so that those of servers may differ; else the
 *     given one
 */
record RedisOptions(
    int groupLimit,
    int queueLimit,
    Duration timeout,
    Duration poll,
    Duration changesKept,
    boolean redisTime) {
  static final RedisOptions STANDARD =
      new RedisOptions(
          256, 20_000, Duration.ofSeconds(10), Duration.ofSeconds(1), Duration.ofSeconds(30), true);
}
