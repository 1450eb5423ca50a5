package dev.milepost.server.settings;

import java.time.Duration;

/**
 * Defaults and limits of jobs. All durations are positive, except that a retention of {@link
 * Duration#ZERO} keeps jobs until they are deleted.
 *
 * @param lease default lease of an attempt
 * @param cancelGrace how long a worker has to confirm a cancel
 * @param stallAfter how long a running job may go without new progress before it is STALLED
 * @param maxRetries default number of automatic retries, 0 to 100
 * @param priority default priority, 0 to 100
 * @param journalCap journal entries kept per job and kind, 1 to 100,000
 * @param logBytes bytes of log lines kept per job; beyond it only ERROR lines are
 * @param keepSucceeded how long a SUCCEEDED job is kept
 * @param keepFailed how long a FAILED job is kept
 * @param keepCancelled how long a CANCELLED job is kept
 */
public record JobSettings(
    Duration lease,
    Duration cancelGrace,
    Duration stallAfter,
    int maxRetries,
    int priority,
    int journalCap,
    long logBytes,
    Duration keepSucceeded,
    Duration keepFailed,
    Duration keepCancelled) {
  private static final Duration MIN_RETENTION = Duration.ofMinutes(1);
  private static final Duration MAX_RETENTION = Duration.ofDays(36_500);

  static JobSettings of(Section jobs, Section limits) {
    return new JobSettings(
        jobs.positive("lease"),
        jobs.positive("cancel-grace"),
        jobs.positive("stall-after"),
        jobs.range("max-retries", 0, 100),
        jobs.range("priority", 0, 100),
        jobs.range("journal-cap", 1, 100_000),
        limits.size("job-log-bytes"),
        retention(jobs, "retention.succeeded"),
        retention(jobs, "retention.failed"),
        retention(jobs, "retention.cancelled"));
  }

  /** A number without a unit is milliseconds: a "30" meant as days must not delete jobs at once. */
  private static Duration retention(Section jobs, String name) {
    Duration kept = jobs.duration(name);
    boolean isSane =
        kept.isZero() || (kept.compareTo(MIN_RETENTION) >= 0 && kept.compareTo(MAX_RETENTION) <= 0);
    if (!isSane) {
      throw jobs.invalid(
          name, "be 1 minute to 36500 days, such as \"30d\", or 0 to keep jobs forever");
    }
    return kept;
  }
}
