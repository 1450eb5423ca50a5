package dev.milepost.server.store.postgres;

import dev.milepost.server.store.sql.SqlGroup;
import java.time.Duration;

/**
 * Tuning of a store; tests use other values than the server.
 *
 * @param groupLimit maximum number of updates in one transaction
 * @param groupBytes memory that the jobs of a transaction may use, apart from those of its last
 *     update
 * @param queueLimit maximum number of waiting updates or reads; further ones fail
 * @param readers number of connections for reads
 * @param poll interval at which changes by other servers are read if no notification arrives
 * @param changesKept how long changes are kept for servers that are cut off
 * @param databaseTime whether decisions use the database's clock, so that the clocks of servers may
 *     differ; otherwise the given clock
 */
record PostgresOptions(
    int groupLimit,
    long groupBytes,
    int queueLimit,
    int readers,
    Duration poll,
    Duration changesKept,
    boolean databaseTime) {
  static final PostgresOptions STANDARD =
      new PostgresOptions(
          1_000,
          SqlGroup.MAX_BYTES,
          20_000,
          4,
          Duration.ofSeconds(1),
          Duration.ofMinutes(10),
          true);
}
