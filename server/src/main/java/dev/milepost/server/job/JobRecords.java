package dev.milepost.server.job;

import dev.milepost.storage.v1.ChildWorkKind;
import dev.milepost.storage.v1.JobRecordOrBuilder;
import dev.milepost.storage.v1.ServerEnd;
import dev.milepost.v1.ChildCounts;
import dev.milepost.v1.ItemCounts;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;

/** Facts about a job that follow from its record, each defined in one place. */
public final class JobRecords {
  private JobRecords() {}

  /** Whether a worker may claim the job now. */
  public static boolean isClaimable(JobRecordOrBuilder record) {
    JobStatus status = record.getJob().getStatus();
    return status.getState() == JobState.JOB_STATE_QUEUED
        && !status.hasClaimableTime()
        && !record.getHeldBack();
  }

  /** Whether the attempt with a token holds the job, unless its lease has expired unnoticed. */
  public static boolean isHeldBy(JobRecordOrBuilder record, String attemptToken) {
    return Transitions.isHeld(record.getJob().getStatus().getState())
        && AttemptRules.sameToken(record.getAttemptToken(), attemptToken);
  }

  /** Whether the attempt with a token was the last one that its own worker has ended. */
  public static boolean hasEnded(JobRecordOrBuilder record, String attemptToken) {
    return AttemptRules.sameToken(record.getLastEnd().getAttemptToken(), attemptToken);
  }

  /**
   * Returns the refusal for an attempt that does not hold the job. It says why to the worker of the
   * attempt alone: the token proves that it is the one.
   */
  public static Refusal.LeaseLost leaseLost(JobRecordOrBuilder record, String attemptToken) {
    String jobId = record.getJob().getId();
    ServerEnd end = record.getServerEnd();
    if (AttemptRules.sameToken(end.getAttemptToken(), attemptToken)) {
      return new Refusal.LeaseLost(jobId, end.getCode(), end.getMessage());
    }
    return AttemptRules.sameToken(record.getAttemptToken(), attemptToken)
        ? new Refusal.LeaseLost(jobId, "LEASE_EXPIRED", "Its lease has expired.")
        : new Refusal.LeaseLost(jobId);
  }

  /** Whether the job is a batch or a task. */
  public static boolean isParent(JobRecordOrBuilder record) {
    return record.hasParentRecord();
  }

  /** Whether the job is the child of a batch or task. */
  public static boolean isChild(JobRecordOrBuilder record) {
    return !record.getJob().getParentId().isEmpty();
  }

  /** Whether the job is a batch that is not complete yet. */
  static boolean isOpenBatch(JobRecordOrBuilder record) {
    return record.getParentRecord().hasAbandonTime();
  }

  /** Whether the job is a parent that will be deleted with its last child. */
  static boolean isBeingDeleted(JobRecordOrBuilder record) {
    return record.getParentRecord().getWork().getKind() == ChildWorkKind.CHILD_WORK_KIND_DELETE;
  }

  /** Returns the key of a child's parent. */
  public static JobKey parentOf(JobRecordOrBuilder child) {
    return new JobKey(child.getJob().getTenantId(), child.getJob().getParentId());
  }

  /** Returns the number of items in all states. */
  public static long items(ItemCounts counts) {
    return counts.getPending() + counts.getRunning() + finishedItems(counts);
  }

  /** Returns the number of children in all states. */
  public static long children(ChildCounts counts) {
    return counts.getQueued()
        + counts.getRunning()
        + counts.getCancelling()
        + counts.getSucceeded()
        + counts.getFailed()
        + counts.getCancelled();
  }

  /** Returns the number of items that are done, failed or skipped. */
  public static long finishedItems(ItemCounts counts) {
    return counts.getDone() + counts.getFailed() + counts.getSkipped();
  }
}
