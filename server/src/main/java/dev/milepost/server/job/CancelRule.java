package dev.milepost.server.job;

import dev.milepost.v1.CancelInfo;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobState;
import java.time.Duration;

/** How a job is cancelled: immediately if it is queued, else by a durable request to its worker. */
final class CancelRule {
  private CancelRule() {}

  /** Whether a cancel has been requested already: asking twice is asking once. */
  static boolean isCancelled(JobState state) {
    return state == JobState.JOB_STATE_CANCELLING || state == JobState.JOB_STATE_CANCELLED;
  }

  static JobDecision cancel(JobEdit edit, JobCommand.Cancel cancel) {
    if (JobRecords.isParent(edit.current())) {
      return ParentCommands.cancel(edit, cancel);
    }
    JobState state = edit.status().getState();
    if (isCancelled(state)) {
      return edit.keep();
    }
    CancelInfo.Builder info =
        CancelInfo.newBuilder()
            .setRequestedBy(cancel.requestedBy())
            .setReason(cancel.reason())
            .setRequestTime(edit.time());
    if (state == JobState.JOB_STATE_QUEUED) {
      edit.status().setCancel(info);
      edit.finish(
          JobState.JOB_STATE_CANCELLED,
          cancel.requestedBy(),
          cancel.reason(),
          JobError.getDefaultInstance());
      return edit.put();
    }
    Duration grace =
        cancel.grace() != null
            ? cancel.grace()
            : edit.timers().cancelGrace(edit.spec().getTimeouts());
    edit.status().setCancel(info.setGraceExpireTime(Times.timestamp(edit.clock().after(grace))));
    TimerShift.restartGrace(edit.record());
    edit.transitionTo(
        JobState.JOB_STATE_CANCELLING,
        cancel.requestedBy(),
        cancel.reason(),
        JobError.getDefaultInstance());
    return edit.put();
  }
}
