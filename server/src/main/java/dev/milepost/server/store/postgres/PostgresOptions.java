package dev.milepost.server.store.postgres;

import java.time.Duration;

/**
 * How a store works; tests choose other values than the server.
 *
 * @param groupLimit most decisions in one transaction
 * @param queueLimit most decisions that wait; more are turned away
 * @param readers connections that read
 * @param poll so long after a change of another server it is heard of at the latest, though no
 *     notification comes
 * @param changesKept so long a server may be cut off and still hear of each change by itself
 * @param databaseTime whether the database's clock decides, so that those of servers may differ;
 *     else the given one
 */
record PostgresOptions(
    int groupLimit,
    int queueLimit,
    int readers,
    Duration poll,
    Duration changesKept,
    boolean databaseTime) {
  static final PostgresOptions STANDARD =
      new PostgresOptions(1_000, 20_000, 4, Duration.ofSeconds(1), Duration.ofMinutes(10), true);
}
