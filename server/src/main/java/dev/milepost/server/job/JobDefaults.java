package dev.milepost.server.job;

import java.time.Duration;

/**
 * What holds for jobs that do not say otherwise. All durations of its own are positive.
 *
 * @param lease longest silence of a worker
 * @param cancelGrace time that a worker has to confirm a cancel
 * @param stallAfter time without new progress after which a running job shows as stalled
 * @param maxRetries automatic retries
 * @param priority priority of a job
 * @param journalCap entries kept per job of each kind: of each log level, of stage changes, of
 *     state changes
 * @param logBytes bytes of log lines written per job; then only lines of level ERROR are
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
  /** The defaults of the design. */
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
