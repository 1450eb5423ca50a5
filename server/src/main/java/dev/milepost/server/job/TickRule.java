package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.ServerEnd;
import dev.milepost.v1.AttemptOutcome;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobState;

/** What a timer does to a job. A tick that comes too early only schedules the next one. */
final class TickRule {
  /** The cause of changes that the server makes by itself. */
  private static final String SERVER = "";

  private TickRule() {}

  /** What a tick has to do. */
  private enum Found {
    NOTHING,
    CHANGE,
    EXPIRY
  }

  static JobDecision tick(JobEdit edit) {
    if (JobRecords.isParent(edit.current())) {
      return ParentCommands.tick(edit);
    }
    boolean hasDueTries = WebhookRule.beginDueTries(edit);
    Found found =
        switch (edit.status().getState()) {
          case JOB_STATE_QUEUED -> tickQueued(edit);
          case JOB_STATE_RUNNING -> tickRunning(edit);
          case JOB_STATE_CANCELLING -> tickCancelling(edit);
          case JOB_STATE_SUCCEEDED, JOB_STATE_FAILED, JOB_STATE_CANCELLED ->
              edit.isDue(edit.timers().expireTime(edit.current())) ? Found.EXPIRY : Found.NOTHING;
          case JOB_STATE_UNSPECIFIED, UNRECOGNIZED ->
              throw new IllegalArgumentException(
                  "not the state of a job: " + edit.status().getState());
        };
    return switch (found) {
      case EXPIRY -> edit.remove();
      case CHANGE -> edit.put();
      case NOTHING -> hasDueTries ? edit.put() : edit.reschedule();
    };
  }

  private static Found tickQueued(JobEdit edit) {
    JobRecord record = edit.current();
    if (edit.isDue(edit.timers().expireTime(record))) {
      return Found.EXPIRY;
    }
    if (edit.isDue(edit.timers().totalTimeout(record))) {
      fail(edit, error("TOTAL_TIMEOUT", "The job did not end within its total timeout.", false));
    } else if (edit.isDue(edit.timers().queueTimeout(record))) {
      fail(
          edit,
          error("QUEUE_TIMEOUT", "No worker claimed the job within its queue timeout.", false));
    } else if (edit.isDue(edit.timers().claimableTime(record))) {
      edit.status().clearClaimableTime();
    } else {
      return Found.NOTHING;
    }
    return Found.CHANGE;
  }

  private static Found tickRunning(JobEdit edit) {
    JobRecord record = edit.current();
    boolean lost = edit.isDue(edit.timers().leaseEnd(record, edit.clock()));
    if (edit.isDue(edit.timers().totalTimeout(record))) {
      JobError late =
          error("TOTAL_TIMEOUT", "The job did not end within its total timeout.", false);
      endAttempt(
          edit,
          lost ? AttemptOutcome.ATTEMPT_OUTCOME_LOST : AttemptOutcome.ATTEMPT_OUTCOME_FAILED,
          late);
      fail(edit, late);
    } else if (lost) {
      JobError silent =
          error("LEASE_EXPIRED", "The worker was silent until its lease expired.", true);
      endAttempt(edit, AttemptOutcome.ATTEMPT_OUTCOME_LOST, silent);
      EndRules.retryOrFail(edit, SERVER, silent);
    } else if (edit.isDue(edit.timers().attemptTimeout(record))) {
      JobError late = error("ATTEMPT_TIMEOUT", "The attempt did not end within its timeout.", true);
      endAttempt(edit, AttemptOutcome.ATTEMPT_OUTCOME_FAILED, late);
      EndRules.retryOrFail(edit, SERVER, late);
    } else if (edit.isDue(edit.timers().stallTime(record))
        && edit.status().getHealth() != JobHealth.JOB_HEALTH_STALLED) {
      edit.status().setHealth(JobHealth.JOB_HEALTH_STALLED);
    } else {
      return Found.NOTHING;
    }
    return Found.CHANGE;
  }

  private static Found tickCancelling(JobEdit edit) {
    boolean lost = edit.isDue(edit.timers().leaseEnd(edit.current(), edit.clock()));
    if (!lost && !edit.isDue(edit.timers().graceEnd(edit.current(), edit.clock()))) {
      return Found.NOTHING;
    }
    JobError unconfirmed =
        error(
            "CANCEL_UNCONFIRMED",
            "The worker did not confirm the cancel within its grace period.",
            false);
    endAttempt(edit, AttemptOutcome.ATTEMPT_OUTCOME_LOST, unconfirmed);
    edit.status().setError(unconfirmed);
    edit.finish(
        JobState.JOB_STATE_CANCELLED, SERVER, edit.status().getCancel().getReason(), unconfirmed);
    return Found.CHANGE;
  }

  private static void endAttempt(JobEdit edit, AttemptOutcome outcome, JobError error) {
    edit.record()
        .setServerEnd(
            ServerEnd.newBuilder()
                .setAttemptToken(edit.current().getAttemptToken())
                .setCode(error.getCode())
                .setMessage(error.getMessage()));
    edit.endAttempt(outcome, error);
  }

  private static void fail(JobEdit edit, JobError error) {
    edit.status().setError(error);
    edit.finish(JobState.JOB_STATE_FAILED, SERVER, "", error);
  }

  private static JobError error(String code, String message, boolean retryable) {
    return JobError.newBuilder().setCode(code).setMessage(message).setRetryable(retryable).build();
  }
}
