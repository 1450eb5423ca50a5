package dev.milepost.server.job;

import java.time.Duration;

/**
 * Values for jobs that do not set their own. All durations are positive.
 *
 * @param lease how long a worker may be silent before it loses its lease
 * @param cancelGrace how long a worker may take to confirm a cancel
 * @param stallAfter how long a running job may report nothing new before it is stalled
 * @param maxRetries maximum number of automatic retries
 * @param priority priority of a job
 * @param journalCap journal entries kept per job of each kind: of each log level, stage changes,
 *     state changes
 * @param logBytes bytes of log lines that a job may write; after that only ERROR lines are written
 * @param retention how long jobs are kept after their end
 */
public record JobDefaults(
    Duration lease,
    Duration cancelGrace,
    Duration stallAfter,
    int maxRetries,
    int priority,
    int journalCap,
    long logBytes,
    JobRetention retention) {
  /** The defaults of a server without settings. */
  public static final JobDefaults STANDARD =
      new JobDefaults(
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          3,
          50,
          1000,
          64L * 1024 * 1024,
          JobRetention.STANDARD);
}
