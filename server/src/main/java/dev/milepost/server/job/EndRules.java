package dev.milepost.server.job;

import dev.milepost.v1.AttemptOutcome;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobState;
import java.time.Duration;

/** How a worker ends its attempt. */
final class EndRules {
  private static final JobError NO_ERROR = JobError.getDefaultInstance();

  private EndRules() {}

  /** Completes the job, also while it is cancelling: then the work was done before the cancel. */
  static JobDecision complete(JobEdit edit, JobCommand.Complete complete) {
    ReportRule.applyLast(edit, complete);
    AttemptRules.end(edit, complete, AttemptOutcome.ATTEMPT_OUTCOME_SUCCEEDED, NO_ERROR);
    edit.status().clearError().clearResult();
    if (complete.result().getFieldsCount() > 0) {
      edit.status().setResult(complete.result());
    }
    edit.finish(JobState.JOB_STATE_SUCCEEDED, worker(edit), "", NO_ERROR);
    return edit.put();
  }

  static JobDecision fail(JobEdit edit, JobCommand.Fail fail) {
    ReportRule.applyLast(edit, fail);
    if (edit.status().getState() == JobState.JOB_STATE_CANCELLING) {
      AttemptRules.end(edit, fail, AttemptOutcome.ATTEMPT_OUTCOME_CANCELLED, fail.error());
      edit.status().setError(fail.error());
      edit.finish(
          JobState.JOB_STATE_CANCELLED,
          worker(edit),
          edit.status().getCancel().getReason(),
          fail.error());
      return edit.put();
    }
    AttemptRules.end(edit, fail, AttemptOutcome.ATTEMPT_OUTCOME_FAILED, fail.error());
    retryOrFail(edit, worker(edit), fail.error());
    return edit.put();
  }

  /**
   * Queues the job again if the error is retryable and a retry is left, else fails it. The attempt
   * must have ended.
   */
  static void retryOrFail(JobEdit edit, String cause, JobError error) {
    edit.status().setError(error);
    int retries = edit.status().getRetryCount();
    if (error.getRetryable() && retries < edit.spec().getMaxRetries()) {
      Duration wait = Backoff.wait(edit.spec().getRetryBackoff(), retries, edit.jobId());
      edit.status().setRetryCount(retries + 1);
      edit.enqueue(
          cause, "retry %d of %d".formatted(retries + 1, edit.spec().getMaxRetries()), error, wait);
    } else {
      edit.finish(JobState.JOB_STATE_FAILED, cause, "", error);
    }
  }

  static JobDecision confirmCancel(JobEdit edit, JobCommand.ConfirmCancel confirm) {
    ReportRule.applyLast(edit, confirm);
    AttemptRules.renew(edit);
    AttemptRules.end(edit, confirm, AttemptOutcome.ATTEMPT_OUTCOME_CANCELLED, NO_ERROR);
    edit.finish(
        JobState.JOB_STATE_CANCELLED,
        worker(edit),
        edit.status().getCancel().getReason(),
        NO_ERROR);
    return edit.put();
  }

  static JobDecision release(JobEdit edit, JobCommand.Release release) {
    ReportRule.applyLast(edit, release);
    AttemptRules.end(edit, release, AttemptOutcome.ATTEMPT_OUTCOME_RELEASED, NO_ERROR);
    edit.enqueue(worker(edit), release.reason(), NO_ERROR, Duration.ZERO);
    return edit.put();
  }

  private static String worker(JobEdit edit) {
    return edit.status().getWorkerId();
  }
}
