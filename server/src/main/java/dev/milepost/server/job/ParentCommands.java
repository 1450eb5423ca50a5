package dev.milepost.server.job;

import dev.milepost.storage.v1.ChildWork;
import dev.milepost.storage.v1.ChildWorkKind;
import dev.milepost.storage.v1.JobRecordOrBuilder;
import dev.milepost.v1.CancelInfo;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobState;
import java.time.Duration;
import java.time.Instant;

/**
 * Commands on a batch or task. The resulting change to its children is recorded with the command
 * and then made slice by slice: however many children there are, no commit is long, and a server
 * that dies forgets none of them.
 */
final class ParentCommands {
  /** After this time a slice that has not been committed is started again: its server has died. */
  private static final Duration SLICE_TIMEOUT = Duration.ofSeconds(10);

  private static final JobError NO_ERROR = JobError.getDefaultInstance();

  private ParentCommands() {}

  static JobDecision cancel(JobEdit edit, JobCommand.Cancel cancel) {
    if (CancelRule.isCancelled(edit.status().getState())) {
      return edit.keep();
    }
    edit.status()
        .setCancel(
            CancelInfo.newBuilder()
                .setRequestedBy(cancel.requestedBy())
                .setReason(cancel.reason())
                .setRequestTime(edit.time()));
    if (JobRecords.isOpenBatch(edit.current())) {
      edit.finish(JobState.JOB_STATE_CANCELLED, cancel.requestedBy(), cancel.reason(), NO_ERROR);
      // A batch that was never complete leaves nothing behind.
      begin(edit, ChildWorkKind.CHILD_WORK_KIND_DELETE);
      return edit.put();
    }
    edit.transitionTo(
        JobState.JOB_STATE_CANCELLING, cancel.requestedBy(), cancel.reason(), NO_ERROR);
    begin(edit, ChildWorkKind.CHILD_WORK_KIND_CANCEL);
    return edit.put();
  }

  /** Retries the children that did not succeed. */
  static JobDecision retry(JobEdit edit, JobCommand.Retry retry) {
    edit.status().clearEndTime().clearDuration().clearResult().clearCancel().clearError();
    edit.transitionTo(
        JobState.JOB_STATE_RUNNING, retry.requestedBy(), "retried by a user", NO_ERROR);
    begin(edit, ChildWorkKind.CHILD_WORK_KIND_RETRY);
    return edit.put();
  }

  /** Hides the parent from all callers; it is deleted with its last child. */
  static JobDecision remove(JobEdit edit) {
    begin(edit, ChildWorkKind.CHILD_WORK_KIND_DELETE);
    return edit.put();
  }

  static JobDecision tick(JobEdit edit) {
    boolean hasDueTries = WebhookRule.beginDueTries(edit);
    if (edit.current().getParentRecord().hasWork()) {
      if (edit.isDue(workTime(edit.current()))) {
        postpone(edit);
        return edit.put();
      }
    } else if (edit.isDue(abandonTime(edit.current()))
        || edit.isDue(edit.timers().expireTime(edit.current()))) {
      return remove(edit);
    }
    return hasDueTries ? edit.put() : edit.reschedule();
  }

  /** When the next timer of a parent is due, apart from its webhook's. */
  static Instant nextTime(JobRecordOrBuilder record, JobTimers timers) {
    if (record.getParentRecord().hasWork()) {
      return workTime(record);
    }
    if (JobRecords.isOpenBatch(record)) {
      return abandonTime(record);
    }
    return Transitions.isFinished(record.getJob().getStatus().getState())
        ? timers.expireTime(record)
        : JobTimers.NEVER;
  }

  /** Starts a change to all children, which replaces any pending one. */
  static void begin(JobEdit edit, ChildWorkKind kind) {
    begin(edit, ChildWork.newBuilder().setKind(kind));
  }

  /** Starts a change to all children, which replaces any pending one. */
  static void begin(JobEdit edit, ChildWork.Builder work) {
    edit.record().getParentRecordBuilder().setWork(work.setDueTime(edit.time()));
  }

  /** Reserves the pending change for the server that has just started a slice of it. */
  static void postpone(JobEdit edit) {
    edit.record()
        .getParentRecordBuilder()
        .getWorkBuilder()
        .setDueTime(Times.timestamp(edit.now().plus(SLICE_TIMEOUT)));
  }

  private static Instant workTime(JobRecordOrBuilder record) {
    return Times.instant(record.getParentRecord().getWork().getDueTime());
  }

  private static Instant abandonTime(JobRecordOrBuilder record) {
    return JobRecords.isOpenBatch(record)
        ? Times.instant(record.getParentRecord().getAbandonTime())
        : JobTimers.NEVER;
  }
}
