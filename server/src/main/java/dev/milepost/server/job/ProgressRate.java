package dev.milepost.server.job;

import com.google.protobuf.Timestamp;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalDouble;

/**
 * How fast a job progresses, and when its work ends at this rate: measured between two reports of
 * progress, and smoothed. What is not known is left unset.
 *
 * <p>Work that counts units ends when they reach their total. Other work, of which only the
 * fraction or the sub-operations are known, ends when the fraction reaches 1.
 */
final class ProgressRate {
  /** Time constant of the rate: older samples count for about a third. */
  private static final double TIME_CONSTANT_SECONDS = 10;

  private static final double NANOS = 1e9;
  private static final long MAX_ESTIMATE_SECONDS = Duration.ofDays(366).toSeconds();

  private final JobRecord before;
  private final Progress last;
  private final Instant now;

  /** Since the last report of progress. */
  private final double seconds;

  private ProgressRate(JobRecord before, Instant now) {
    this.before = before;
    this.last = before.getJob().getStatus().getProgress();
    this.now = now;
    this.seconds = seconds(before.getProgressSampleTime(), now);
  }

  /**
   * Sets the rate and the estimated end.
   *
   * @param before the job before this report
   * @param countsUnits whether the fraction is that of the units
   */
  static void measure(
      JobRecord before, Progress.Builder progress, boolean countsUnits, Instant now) {
    if (!before.hasProgressSampleTime()) {
      return;
    }
    ProgressRate rate = new ProgressRate(before, now);
    rate.measureUnits(progress);
    if (countsUnits) {
      rate.estimateByUnits(progress);
    } else {
      rate.estimateByFraction(progress);
    }
  }

  private void measureUnits(Progress.Builder progress) {
    if (!last.getUnit().equals(progress.getUnit()) || last.getCurrent() > progress.getCurrent()) {
      return;
    }
    double rate =
        smooth(
            (double) progress.getCurrent() - last.getCurrent(),
            last.hasRate() ? OptionalDouble.of(last.getRate()) : OptionalDouble.empty());
    if (rate > 0) {
      progress.setRate(rate);
    }
  }

  private void estimateByUnits(Progress.Builder progress) {
    double left = (double) progress.getTotal() - progress.getCurrent();
    if (progress.hasTotal() && left >= 0) {
      estimate(progress, left / progress.getRate());
    }
  }

  private void estimateByFraction(Progress.Builder progress) {
    if (!progress.hasFraction() || progress.getFraction() < last.getFraction()) {
      return;
    }
    double rate = smooth(progress.getFraction() - last.getFraction(), lastFractionRate());
    estimate(progress, (1 - progress.getFraction()) / rate);
  }

  /** The fraction per second that the last estimate assumed. */
  private OptionalDouble lastFractionRate() {
    if (!last.hasEstimatedEndTime()) {
      return OptionalDouble.empty();
    }
    double left =
        seconds(before.getProgressSampleTime(), Times.instant(last.getEstimatedEndTime()));
    return left > 0 ? OptionalDouble.of((1 - last.getFraction()) / left) : OptionalDouble.empty();
  }

  /** Returns the rate after so much was done since the last report; 0: unknown. */
  private double smooth(double done, OptionalDouble lastRate) {
    if (seconds <= 0) {
      return lastRate.orElse(0);
    }
    double share = lastRate.isPresent() ? share() : 1;
    return share * (done / seconds) + (1 - share) * lastRate.orElse(0);
  }

  /**
   * Weight of the latest sample: a plain mean at first, so that a fast start is soon forgotten,
   * then exponential smoothing.
   */
  private double share() {
    return Math.max(
        1 - Math.exp(-seconds / TIME_CONSTANT_SECONDS), Math.min(1, seconds / secondsSinceStart()));
  }

  /** Seconds since the start of the attempt, or of the stage if that started later. */
  private double secondsSinceStart() {
    JobStatus status = before.getJob().getStatus();
    Timestamp attempt =
        JobRecords.isParent(before)
            ? status.getStartTime()
            : status.getAttempts(status.getAttemptsCount() - 1).getStartTime();
    return Math.min(seconds(attempt, now), seconds(status.getStage().getStartTime(), now));
  }

  /**
   * @param left infinite or not a number if the rate is 0
   */
  private void estimate(Progress.Builder progress, double left) {
    if (left >= 0 && left <= MAX_ESTIMATE_SECONDS) {
      progress.setEstimatedEndTime(Times.timestamp(now.plusNanos((long) (left * NANOS))));
    }
  }

  private static double seconds(Timestamp since, Instant until) {
    long seconds = until.getEpochSecond() - since.getSeconds();
    int nanos = until.getNano() - since.getNanos();
    return Math.addExact(Math.multiplyExact(seconds, 1_000_000_000L), nanos) / NANOS;
  }
}
