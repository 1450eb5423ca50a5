package dev.milepost.server.job;

import dev.milepost.v1.JobStatusOrBuilder;
import dev.milepost.v1.Progress;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.SubOperationState;
import java.time.Duration;
import java.time.Instant;

/**
 * What the server adds to the progress that a worker reports: fraction, percent, rate, estimated
 * end.
 */
final class ProgressRule {
  /** The rate forgets: what is older than this counts for about a third. */
  private static final double RATE_MEMORY_SECONDS = 10;

  private static final double NANOS = 1e9;
  private static final long FARTHEST_SECONDS = Duration.ofDays(366).toSeconds();

  private ProgressRule() {}

  static Progress derive(JobStatusOrBuilder before, Progress reported, Instant now) {
    Progress.Builder progress =
        reported.toBuilder()
            .clearPercent()
            .clearRate()
            .clearEstimatedEndTime()
            .clearLastProgressTime();
    for (int i = 0; i < progress.getSubOperationsCount(); i++) {
      SubOperation.Builder part = progress.getSubOperationsBuilder(i);
      if (part.getState() == SubOperationState.SUB_OPERATION_STATE_UNSPECIFIED) {
        part.setState(stateAt(part.getFraction()));
      }
    }
    deriveFraction(progress);
    deriveRate(before, progress, now);
    return progress.build();
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
        progress.setFraction(Math.min(1, (double) progress.getCurrent() / progress.getTotal()));
      }
    }
    if (progress.hasFraction()) {
      // A hair above the whole number, so that 0.29 shows as 29 although 0.29 * 100 is 28.999...
      progress.setPercent((int) Math.min(100, Math.floor(progress.getFraction() * 100 + 1e-9)));
    }
  }

  private static double weighted(Progress.Builder progress) {
    double done = 0;
    double all = 0;
    for (SubOperation part : progress.getSubOperationsList()) {
      double weight = part.hasWeight() ? part.getWeight() : 1;
      all += weight;
      done += weight * part.getFraction();
    }
    return Math.min(1, done / all);
  }

  private static void deriveRate(
      JobStatusOrBuilder before, Progress.Builder progress, Instant now) {
    Progress last = before.getProgress();
    boolean comparable =
        last.hasLastProgressTime()
            && last.getUnit().equals(progress.getUnit())
            && last.getCurrent() <= progress.getCurrent();
    if (!comparable) {
      return;
    }
    double seconds =
        Duration.between(Times.instant(last.getLastProgressTime()), now).toNanos() / NANOS;
    if (seconds <= 0) {
      if (last.hasRate()) {
        progress.setRate(last.getRate());
      }
    } else {
      double latest = (progress.getCurrent() - last.getCurrent()) / seconds;
      double share = last.hasRate() ? 1 - Math.exp(-seconds / RATE_MEMORY_SECONDS) : 1;
      progress.setRate(share * latest + (1 - share) * last.getRate());
    }
    estimateEnd(progress, now);
  }

  private static void estimateEnd(Progress.Builder progress, Instant now) {
    double left = (double) progress.getTotal() - progress.getCurrent();
    if (progress.hasTotal() && progress.getRate() > 0 && left >= 0) {
      double seconds = left / progress.getRate();
      if (seconds <= FARTHEST_SECONDS) {
        progress.setEstimatedEndTime(Times.timestamp(now.plusNanos((long) (seconds * NANOS))));
      }
    }
  }
}
