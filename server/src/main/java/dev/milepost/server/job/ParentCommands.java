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
 * What is done to a batch or task as a whole. What it means for the children is noted with it, and
 * then done slice by slice: however many there are, no commit is long, and none is forgotten by a
 * server that dies.
 */
final class ParentCommands {
  /** A slice that nothing is heard of for so long has been lost with its server. */
  private static final Duration LONGEST_SLICE = Duration.ofSeconds(10);

  private static final JobError NO_ERROR = JobError.getDefaultInstance();

  private ParentCommands() {}

  static JobDecision cancel(JobEdit edit, JobCommand.Cancel cancel) {
    if (edit.status().getState() == JobState.JOB_STATE_CANCELLING) {
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
      // What was never whole leaves nothing behind.
      begin(edit, ChildWorkKind.CHILD_WORK_KIND_DELETE);
      return edit.put();
    }
    edit.transitionTo(
        JobState.JOB_STATE_CANCELLING, cancel.requestedBy(), cancel.reason(), NO_ERROR);
    begin(edit, ChildWorkKind.CHILD_WORK_KIND_CANCEL);
    return edit.put();
  }

  /** Those children that did not succeed are tried again. */
  static JobDecision retry(JobEdit edit, JobCommand.Retry retry) {
    edit.status().clearEndTime().clearDuration().clearResult().clearCancel().clearError();
    edit.transitionTo(JobState.JOB_STATE_RUNNING, retry.requestedBy(), "retried by hand", NO_ERROR);
    begin(edit, ChildWorkKind.CHILD_WORK_KIND_RETRY);
    return edit.put();
  }

  /** Gone for everybody from now on; its row goes with the last child. */
  static JobDecision remove(JobEdit edit) {
    begin(edit, ChildWorkKind.CHILD_WORK_KIND_DELETE);
    return edit.put();
  }

  static JobDecision tick(JobEdit edit) {
    boolean isTold = WebhookRule.beginDueTries(edit);
    if (edit.current().getParentRecord().hasWork()) {
      if (edit.isDue(workTime(edit.current()))) {
        postpone(edit);
        return edit.put();
      }
    } else if (edit.isDue(giveUpTime(edit.current()))
        || edit.isDue(edit.timers().expireTime(edit.current()))) {
      return remove(edit);
    }
    return isTold ? edit.put() : edit.reschedule();
  }

  /** When the clock next matters to a parent; its webhook apart. */
  static Instant nextTime(JobRecordOrBuilder record, JobTimers timers) {
    if (record.getParentRecord().hasWork()) {
      return workTime(record);
    }
    if (JobRecords.isOpenBatch(record)) {
      return giveUpTime(record);
    }
    return Transitions.isFinished(record.getJob().getStatus().getState())
        ? timers.expireTime(record)
        : JobTimers.NEVER;
  }

  /** Notes something that is to be done to the children, in place of what may be under way. */
  static void begin(JobEdit edit, ChildWorkKind kind) {
    begin(edit, ChildWork.newBuilder().setKind(kind));
  }

  /** The same, with more to say about it. */
  static void begin(JobEdit edit, ChildWork.Builder work) {
    edit.record().getParentRecordBuilder().setWork(work.setDueTime(edit.time()));
  }

  /** Leaves the work to whoever has just begun a slice of it. */
  static void postpone(JobEdit edit) {
    edit.record()
        .getParentRecordBuilder()
        .getWorkBuilder()
        .setDueTime(Times.timestamp(edit.now().plus(LONGEST_SLICE)));
  }

  private static Instant workTime(JobRecordOrBuilder record) {
    return Times.instant(record.getParentRecord().getWork().getDueTime());
  }

  private static Instant giveUpTime(JobRecordOrBuilder record) {
    return JobRecords.isOpenBatch(record)
        ? Times.instant(record.getParentRecord().getAbandonTime())
        : JobTimers.NEVER;
  }
}
