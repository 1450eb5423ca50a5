package dev.milepost.server.job;

import dev.milepost.storage.v1.ChildShare;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.JobRecordOrBuilder;
import dev.milepost.v1.ItemCounts;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;

/** What a child contributes to its parent's counters and progress. */
final class ChildShares {
  private ChildShares() {}

  /** Returns what a child contributes as it is now. */
  static ChildShare of(JobRecordOrBuilder child) {
    JobStatus status = child.getJob().getStatus();
    return ChildShare.newBuilder()
        .setState(status.getState())
        .setItems(status.getItemCounts())
        .setDone(done(status))
        .setFraction(
            JobRecords.items(status.getItemCounts()) == 0 && Transitions.isHeld(status.getState())
                ? status.getProgress().getFraction()
                : 0)
        .build();
  }

  /** Returns a child with its current share, which its parent has counted. */
  static JobRecord counted(JobRecord child) {
    return child.toBuilder().setShare(of(child)).build();
  }

  /** Returns a decision on a child with its current share, which its parent has counted. */
  static JobDecision.Put counted(JobDecision.Put child) {
    return new JobDecision.Put(counted(child.record()), child.entries(), child.items());
  }

  /**
   * Number of items that count as done. All items of a finished child do, whatever their state, so
   * that a finished batch is at 100 %. While a child runs, its progress counts if it is ahead of
   * its items.
   */
  private static long done(JobStatus status) {
    ItemCounts items = status.getItemCounts();
    if (Transitions.isFinished(status.getState())) {
      return JobRecords.items(items);
    }
    long byProgress =
        Transitions.isHeld(status.getState())
            ? (long) (status.getProgress().getFraction() * JobRecords.items(items))
            : 0;
    return Math.max(JobRecords.finishedItems(items), byProgress);
  }

  /** Whether a child has changed its state since its parent counted it. */
  static boolean hasNewState(JobRecord child) {
    return child.getShare().getState() != child.getJob().getStatus().getState();
  }

  /** Whether a change of state is a child's end. */
  static boolean hasEnded(JobState from, JobState to) {
    return Transitions.isFinished(to) && !Transitions.isFinished(from);
  }
}
