package dev.milepost.server.job;

import com.google.protobuf.Timestamp;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Progress;
import dev.milepost.v1.ProgressOrBuilder;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.SubOperationState;
import java.time.Duration;
import java.time.Instant;

/** What the server adds to reported progress: fraction, percent, rate and estimated end. */
final class ProgressRule {
  /** Time constant of the rate: older samples count for about a third. */
  private static final double RATE_TIME_CONSTANT_SECONDS = 10;

  private static final double NANOS = 1e9;
  private static final long MAX_ESTIMATE_SECONDS = Duration.ofDays(366).toSeconds();

  private ProgressRule() {}

  /** Returns the progress of a job after a report. */
  static Progress.Builder derive(JobRecord before, Progress reported, Instant now) {
    Progress.Builder progress =
        reported.toBuilder().clearPercent().clearRate().clearEstimatedEndTime();
    Progress last = before.getJob().getStatus().getProgress();
    if (last.hasLastProgressTime()) {
      progress.setLastProgressTime(last.getLastProgressTime());
    } else {
      progress.clearLastProgressTime();
    }
    for (int i = 0; i < progress.getSubOperationsCount(); i++) {
      SubOperation.Builder part = progress.getSubOperationsBuilder(i);
      part.setFraction(withoutSign(part.getFraction()));
      if (part.getState() == SubOperationState.SUB_OPERATION_STATE_UNSPECIFIED) {
        part.setState(stateAt(part.getFraction()));
      }
    }
    deriveFraction(progress);
    deriveRate(before, progress, now);
    return progress;
  }

  /** Whether two are the same apart from their times and rates. */
  static boolean isSameProgress(ProgressOrBuilder one, ProgressOrBuilder other) {
    return one.getCurrent() == other.getCurrent()
        && one.hasTotal() == other.hasTotal()
        && one.getTotal() == other.getTotal()
        && one.getUnit().equals(other.getUnit())
        && one.hasFraction() == other.hasFraction()
        && Double.compare(one.getFraction(), other.getFraction()) == 0
        && one.hasPercent() == other.hasPercent()
        && one.getPercent() == other.getPercent()
        && one.getMessage().equals(other.getMessage())
        && one.getSucceeded() == other.getSucceeded()
        && one.getFailed() == other.getFailed()
        && one.getSkipped() == other.getSkipped()
        && one.getSubOperationsList().equals(other.getSubOperationsList());
  }

  private static SubOperationState stateAt(double fraction) {
    if (fraction >= 1) {
      return SubOperationState.SUB_OPERATION_STATE_DONE;
    }
    return fraction > 0
        ? SubOperationState.SUB_OPERATION_STATE_RUNNING
        : SubOperationState.SUB_OPERATION_STATE_PENDING;
  }

  private static void deriveFraction(Progress.Builder progress) {
    if (!progress.hasFraction()) {
      if (progress.getSubOperationsCount() > 0) {
        progress.setFraction(weighted(progress));
      } else if (progress.getTotal() > 0) {
        boolean done = progress.getCurrent() >= progress.getTotal();
        progress.setFraction(fraction((double) progress.getCurrent() / progress.getTotal(), done));
      }
    }
    if (progress.hasFraction()) {
      progress.setFraction(withoutSign(progress.getFraction()));
      progress.setPercent(percent(progress.getFraction()));
    }
  }

  /** Returns 0.0 for -0.0, which not every JSON reader keeps apart. */
  private static double withoutSign(double fraction) {
    return fraction + 0.0;
  }

  /** Adds a tiny amount, so that 0.29 is 29 percent although 0.29 * 100 is 28.999... */
  private static int percent(double fraction) {
    return fraction >= 1 ? 100 : (int) Math.min(99, Math.floor(fraction * 100 + 1e-9));
  }

  private static double weighted(Progress.Builder progress) {
    double done = 0;
    double all = 0;
    boolean allDone = true;
    for (SubOperation part : progress.getSubOperationsList()) {
      double weight = part.hasWeight() ? part.getWeight() : 1;
      all += weight;
      done += weight * part.getFraction();
      allDone &= part.getFraction() >= 1;
    }
    return fraction(done / all, allDone);
  }

  /** Returns 1 only if everything is done, whatever the division rounds to. */
  private static double fraction(double quotient, boolean done) {
    return done ? 1 : Math.min(quotient, Math.nextDown(1.0));
  }

  /** Measures the rate between two reports of progress; other reports do not count. */
  private static void deriveRate(JobRecord before, Progress.Builder progress, Instant now) {
    Progress last = before.getJob().getStatus().getProgress();
    boolean comparable =
        before.hasProgressSampleTime()
            && last.getUnit().equals(progress.getUnit())
            && last.getCurrent() <= progress.getCurrent();
    if (!comparable) {
      return;
    }
    double seconds = seconds(before.getProgressSampleTime(), now);
    if (seconds <= 0) {
      if (last.hasRate()) {
        progress.setRate(last.getRate());
      }
    } else {
      double latest = (progress.getCurrent() - last.getCurrent()) / seconds;
      double share = last.hasRate() ? share(seconds, secondsSinceStart(before, now)) : 1;
      progress.setRate(share * latest + (1 - share) * last.getRate());
    }
    estimateEnd(progress, now);
  }

  /**
   * Weight of the latest sample: a plain mean at first, so that a fast start is soon forgotten,
   * then exponential smoothing.
   */
  private static double share(double seconds, double sinceStart) {
    return Math.max(
        1 - Math.exp(-seconds / RATE_TIME_CONSTANT_SECONDS), Math.min(1, seconds / sinceStart));
  }

  /** Seconds since the start of the attempt, or of the stage if that started later. */
  private static double secondsSinceStart(JobRecord before, Instant now) {
    JobStatus status = before.getJob().getStatus();
    Timestamp attempt =
        JobRecords.isParent(before)
            ? status.getStartTime()
            : status.getAttempts(status.getAttemptsCount() - 1).getStartTime();
    return Math.min(seconds(attempt, now), seconds(status.getStage().getStartTime(), now));
  }

  private static double seconds(Timestamp since, Instant now) {
    long seconds = now.getEpochSecond() - since.getSeconds();
    int nanos = now.getNano() - since.getNanos();
    return Math.addExact(Math.multiplyExact(seconds, 1_000_000_000L), nanos) / NANOS;
  }

  private static void estimateEnd(Progress.Builder progress, Instant now) {
    double left = (double) progress.getTotal() - progress.getCurrent();
    if (progress.hasTotal() && progress.getRate() > 0 && left >= 0) {
      double seconds = left / progress.getRate();
      if (seconds <= MAX_ESTIMATE_SECONDS) {
        progress.setEstimatedEndTime(Times.timestamp(now.plusNanos((long) (seconds * NANOS))));
      }
    }
  }
}
