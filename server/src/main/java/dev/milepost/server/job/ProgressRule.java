package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.ItemCounts;
import dev.milepost.v1.Progress;
import dev.milepost.v1.ProgressOrBuilder;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.SubOperationState;
import java.time.Instant;

/** What the server adds to reported progress: fraction, percent, rate and estimated end. */
final class ProgressRule {
  private ProgressRule() {}

  /** Returns the progress of a job after a report. */
  static Progress.Builder derive(JobRecord before, Progress reported, Instant now) {
    Progress.Builder progress = withoutOutput(reported.toBuilder());
    Progress last = before.getJob().getStatus().getProgress();
    if (last.hasLastProgressTime()) {
      progress.setLastProgressTime(last.getLastProgressTime());
    }
    for (int i = 0; i < progress.getSubOperationsCount(); i++) {
      SubOperation.Builder part = progress.getSubOperationsBuilder(i);
      part.setFraction(withoutSign(part.getFraction()));
      if (part.getState() == SubOperationState.SUB_OPERATION_STATE_UNSPECIFIED) {
        part.setState(stateAt(part.getFraction()));
      }
    }
    boolean countsUnits = !progress.hasFraction() && progress.getSubOperationsCount() == 0;
    deriveFraction(progress);
    ProgressRate.measure(before, progress, countsUnits, now);
    return progress;
  }

  /**
   * Returns the progress that a report means: a message alone keeps everything else of the last
   * progress.
   */
  static Progress merge(Progress reported, Progress last) {
    return isMessageAlone(reported)
        ? last.toBuilder().setMessage(reported.getMessage()).build()
        : reported;
  }

  /** Whether a report says nothing of the progress but a message. */
  static boolean isMessageAlone(Progress reported) {
    return !reported.getMessage().isEmpty()
        && withoutOutput(reported.toBuilder())
            .clearMessage()
            .build()
            .equals(Progress.getDefaultInstance());
  }

  /**
   * Returns the progress of a job whose worker reports items, and no progress of its own: its units
   * are the items.
   */
  static Progress ofItems(ItemCounts items, Progress last) {
    return last.toBuilder()
        .clearFraction()
        .setCurrent(JobRecords.finishedItems(items))
        .setTotal(JobRecords.items(items))
        .setSucceeded(items.getDone())
        .setFailed(items.getFailed())
        .setSkipped(items.getSkipped())
        .build();
  }

  private static Progress.Builder withoutOutput(Progress.Builder progress) {
    return progress.clearPercent().clearRate().clearEstimatedEndTime().clearLastProgressTime();
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
}
