package dev.milepost.server.store.sqlite;

import java.time.Duration;

/**
 * Tuning of a store; tests use other values than the server.
 *
 * @param groupLimit maximum number of updates in one transaction
 * @param maxGrowth time after which a group accepts no more updates while the disk is idle, so that
 *     the first ones are made durable while the rest is decided
 * @param maxInlineFlush maximum number of updates that the writer flushes itself if nothing waits
 *     behind them: waking the flusher's thread would take longer than it saves
 * @param queueLimit maximum number of waiting updates; further ones fail
 * @param pageLimit maximum number of pages in the database file; 0: SQLite's own limit
 * @param acceptDataLoss whether to open a database of which something is missing or damaged
 * @param logWarning size of the log, in bytes, at which a reader that keeps it from being moved is
 *     reported
 * @param afterCommit runs on the writer's thread after each commit, before anyone is notified
 * @param beforeFlush runs before each flush, on the same thread; an exception counts as a failure
 *     of the disk
 */
record SqliteOptions(
    int groupLimit,
    Duration maxGrowth,
    int maxInlineFlush,
    int queueLimit,
    long pageLimit,
    boolean acceptDataLoss,
    long logWarning,
    Runnable afterCommit,
    Runnable beforeFlush) {
  static final long LOG_WARNING = 256L << 20;

  static final SqliteOptions STANDARD =
      new SqliteOptions(1_000, Duration.ofMillis(1), 4, 20_000, 0, () -> {}, () -> {});

  SqliteOptions(int groupLimit, int queueLimit, long pageLimit, Runnable afterCommit) {
    this(groupLimit, Duration.ofMinutes(1), 4, queueLimit, pageLimit, afterCommit, () -> {});
  }

  SqliteOptions(
      int groupLimit,
      Duration maxGrowth,
      int maxInlineFlush,
      int queueLimit,
      long pageLimit,
      Runnable afterCommit,
      Runnable beforeFlush) {
    this(
        groupLimit,
        maxGrowth,
        maxInlineFlush,
        queueLimit,
        pageLimit,
        false,
        LOG_WARNING,
        afterCommit,
        beforeFlush);
  }

  SqliteOptions acceptingDataLoss(boolean accept) {
    return new SqliteOptions(
        groupLimit,
        maxGrowth,
        maxInlineFlush,
        queueLimit,
        pageLimit,
        accept,
        logWarning,
        afterCommit,
        beforeFlush);
  }
}
