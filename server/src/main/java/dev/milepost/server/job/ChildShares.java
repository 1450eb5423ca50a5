package dev.milepost.server.job;

import dev.milepost.storage.v1.ChildShare;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.JobRecordOrBuilder;
import dev.milepost.v1.ItemCounts;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;

/** What a child counts for in its parent. */
final class ChildShares {
  private ChildShares() {}

  /** What a child counts for as it is now. */
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

  /** A child as its parent has counted it. */
  static JobRecord counted(JobRecord child) {
    return child.toBuilder().setShare(of(child)).build();
  }

  /**
   * Items that are done: by their own word, or by the progress of the child while it runs. A child
   * that has ended is done whole, whatever became of its items, so that a batch comes to its end.
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
    return Math.max(JobRecords.settled(items), byProgress);
  }

  /** Whether a child has gone to another state since its parent counted it. */
  static boolean hasMoved(JobRecord child) {
    return child.getShare().getState() != child.getJob().getStatus().getState();
  }

  /** Whether a change of state is a child's end. */
  static boolean hasEnded(JobState from, JobState to) {
    return Transitions.isFinished(to) && !Transitions.isFinished(from);
  }
}
