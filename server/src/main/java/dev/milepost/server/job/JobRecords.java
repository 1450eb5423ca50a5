package dev.milepost.server.job;

import dev.milepost.storage.v1.ChildWorkKind;
import dev.milepost.storage.v1.JobRecordOrBuilder;
import dev.milepost.v1.ChildCounts;
import dev.milepost.v1.ItemCounts;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;

/** What a record says about its job, for whoever asks it of one: the one definition of each. */
public final class JobRecords {
  private JobRecords() {}

  /** Whether a worker may claim the job now. */
  public static boolean isClaimable(JobRecordOrBuilder record) {
    JobStatus status = record.getJob().getStatus();
    return status.getState() == JobState.JOB_STATE_QUEUED
        && !status.hasClaimableTime()
        && !record.getHeldBack();
  }

  /** Whether the job is a batch or a task: its children do the work. */
  public static boolean isParent(JobRecordOrBuilder record) {
    return record.hasParentRecord();
  }

  /** Whether the job is a part of a batch or a step of a task. */
  public static boolean isChild(JobRecordOrBuilder record) {
    return !record.getJob().getParentId().isEmpty();
  }

  /** Whether the job is a batch that is still being made. */
  static boolean isOpenBatch(JobRecordOrBuilder record) {
    return record.getParentRecord().hasAbandonTime();
  }

  /** Whether the job is a parent that goes, as soon as its children are gone. */
  static boolean isBeingDeleted(JobRecordOrBuilder record) {
    return record.getParentRecord().getWork().getKind() == ChildWorkKind.CHILD_WORK_KIND_DELETE;
  }

  /** Tenant and id of a child's parent. */
  public static JobKey parentOf(JobRecordOrBuilder child) {
    return new JobKey(child.getJob().getTenantId(), child.getJob().getParentId());
  }

  /** Items of a job, whatever their state. */
  public static long items(ItemCounts counts) {
    return counts.getPending() + counts.getRunning() + finishedItems(counts);
  }

  /** Children of a job, whatever their state. */
  public static long children(ChildCounts counts) {
    return counts.getQueued()
        + counts.getRunning()
        + counts.getCancelling()
        + counts.getSucceeded()
        + counts.getFailed()
        + counts.getCancelled();
  }

  /** Items of a job that nothing more happens to. */
  static long finishedItems(ItemCounts counts) {
    return counts.getDone() + counts.getFailed() + counts.getSkipped();
  }
}
