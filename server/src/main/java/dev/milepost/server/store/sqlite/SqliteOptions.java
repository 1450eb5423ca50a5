package dev.milepost.server.store.sqlite;

import java.time.Duration;

/**
 * How a store works; tests choose other values than the server.
 *
 * @param groupLimit most decisions in one transaction
 * @param longestGrowth time after which a group takes in no more while the disk is idle: who came
 *     first is brought to the disk and answered while the rest is decided
 * @param fewAlone so many decisions at most the writer brings to the disk by itself, where nobody
 *     waits behind them: to wake a thread for it would take longer than is won
 * @param queueLimit most decisions that wait; more are turned away
 * @param pageLimit most pages of the database file; 0: as many as SQLite can
 * @param afterCommit runs on the writer's thread after each commit, before anybody hears of it
 * @param beforeFlush runs before each flush to the disk, on the thread that does it; what it throws
 *     is a failure of the disk
 */
record SqliteOptions(
    int groupLimit,
    Duration longestGrowth,
    int fewAlone,
    int queueLimit,
    long pageLimit,
    Runnable afterCommit,
    Runnable beforeFlush) {
  static final SqliteOptions STANDARD =
      new SqliteOptions(1_000, Duration.ofMillis(1), 4, 20_000, 0, () -> {}, () -> {});

  SqliteOptions(int groupLimit, int queueLimit, long pageLimit, Runnable afterCommit) {
    this(groupLimit, Duration.ofMinutes(1), 4, queueLimit, pageLimit, afterCommit, () -> {});
  }
}
