package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.AttemptOutcome;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobState;

/** What the clock does to a job. A tick that comes too early does nothing but set the next. */
final class TickRule {
  /** The clock, as the cause of a change. */
  private static final String CLOCK = "";

  private TickRule() {}

  /** What a tick has found to do to a job itself. */
  private enum Found {
    NOTHING,
    CHANGE,
    EXPIRY
  }

  static JobDecision tick(JobEdit edit) {
    if (JobRecords.isParent(edit.current())) {
      return ParentCommands.tick(edit);
    }
    boolean isTold = WebhookRule.beginDueTries(edit);
    Found found =
        switch (edit.status().getState()) {
          case JOB_STATE_QUEUED -> tickQueued(edit);
          case JOB_STATE_RUNNING -> tickRunning(edit);
          case JOB_STATE_CANCELLING -> tickCancelling(edit);
          case JOB_STATE_SUCCEEDED, JOB_STATE_FAILED, JOB_STATE_CANCELLED ->
              edit.isDue(edit.timers().expireTime(edit.current())) ? Found.EXPIRY : Found.NOTHING;
          case JOB_STATE_UNSPECIFIED, UNRECOGNIZED ->
              throw new IllegalArgumentException("no job is " + edit.status().getState());
        };
    return switch (found) {
      case EXPIRY -> edit.remove();
      case CHANGE -> edit.put();
      case NOTHING -> isTold ? edit.put() : edit.reschedule();
    };
  }

  private static Found tickQueued(JobEdit edit) {
    JobRecord record = edit.current();
    if (edit.isDue(edit.timers().expireTime(record))) {
      return Found.EXPIRY;
    }
    if (edit.isDue(edit.timers().totalTimeout(record))) {
      failFor(
          edit, error("TOTAL_TIMEOUT", "The job did not end within its total time-out.", false));
    } else if (edit.isDue(edit.timers().queueTimeout(record))) {
      failFor(
          edit, error("QUEUE_TIMEOUT", "No worker took the job within its queue time-out.", false));
    } else if (edit.isDue(edit.timers().claimableTime(record))) {
      edit.status().clearClaimableTime();
    } else {
      return Found.NOTHING;
    }
    return Found.CHANGE;
  }

  private static Found tickRunning(JobEdit edit) {
    JobRecord record = edit.current();
    boolean lost = edit.isDue(edit.timers().leaseEnd(record));
    if (edit.isDue(edit.timers().totalTimeout(record))) {
      JobError late =
          error("TOTAL_TIMEOUT", "The job did not end within its total time-out.", false);
      edit.endAttempt(
          lost ? AttemptOutcome.ATTEMPT_OUTCOME_LOST : AttemptOutcome.ATTEMPT_OUTCOME_FAILED, late);
      failFor(edit, late);
    } else if (lost) {
      JobError silent =
          error("LEASE_EXPIRED", "The worker was not heard until its lease ended.", true);
      edit.endAttempt(AttemptOutcome.ATTEMPT_OUTCOME_LOST, silent);
      EndRules.retryOrFail(edit, CLOCK, silent);
    } else if (edit.isDue(edit.timers().attemptTimeout(record))) {
      JobError late =
          error("ATTEMPT_TIMEOUT", "The attempt did not end within its time-out.", true);
      edit.endAttempt(AttemptOutcome.ATTEMPT_OUTCOME_FAILED, late);
      EndRules.retryOrFail(edit, CLOCK, late);
    } else if (edit.isDue(edit.timers().stallTime(record))
        && edit.status().getHealth() != JobHealth.JOB_HEALTH_STALLED) {
      edit.status().setHealth(JobHealth.JOB_HEALTH_STALLED);
    } else {
      return Found.NOTHING;
    }
    return Found.CHANGE;
  }

  private static Found tickCancelling(JobEdit edit) {
    boolean lost = edit.isDue(edit.timers().leaseEnd(edit.current()));
    if (!lost && !edit.isDue(edit.timers().graceEnd(edit.current()))) {
      return Found.NOTHING;
    }
    JobError unconfirmed =
        error(
            "CANCEL_UNCONFIRMED", "The worker did not confirm the cancel within its grace.", false);
    edit.endAttempt(AttemptOutcome.ATTEMPT_OUTCOME_LOST, unconfirmed);
    edit.status().setError(unconfirmed);
    edit.finish(
        JobState.JOB_STATE_CANCELLED, CLOCK, edit.status().getCancel().getReason(), unconfirmed);
    return Found.CHANGE;
  }

  private static void failFor(JobEdit edit, JobError error) {
    edit.status().setError(error);
    edit.finish(JobState.JOB_STATE_FAILED, CLOCK, "", error);
  }

  private static JobError error(String code, String message, boolean retryable) {
    return JobError.newBuilder().setCode(code).setMessage(message).setRetryable(retryable).build();
  }
}
