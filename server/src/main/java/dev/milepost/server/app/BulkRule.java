package dev.milepost.server.app;

import dev.milepost.server.job.CommandKind;
import dev.milepost.server.job.DecisionContext;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.Transitions;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobState;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a bulk change does with each job that its filter matches. Pure and thread-safe. */
@FunctionalInterface
interface BulkRule {
  /**
   * What is done with one job.
   *
   * @param command null: the job is left alone, and counted as skipped
   */
  record Step(@Nullable JobCommand command) {
    /** Leaves the job alone and counts it. */
    static final Step SKIP = new Step(null);
  }

  /**
   * Returns what to do with a job; empty: nothing, and it is not counted.
   *
   * @param context finds its parent, and says what time it is
   */
  Optional<Step> step(JobRecord job, DecisionContext context);

  /** Applies one command, which must be legal in the states of the filter. */
  static BulkRule always(JobCommand command) {
    return (job, context) ->
        command.kind() == CommandKind.DELETE && !goesAlone(job, context)
            ? Optional.empty()
            : Optional.of(new Step(command));
  }

  /** Retries jobs that have failed or were cancelled, except those that only their parent can. */
  static BulkRule retry(JobRules rules, JobCommand command) {
    return (job, context) -> {
      try {
        rules.decide(job, command, context);
        return Optional.of(new Step(command));
      } catch (Refusal e) {
        return Optional.empty();
      }
    };
  }

  /**
   * Deletes jobs that do not run.
   *
   * @param cancel what to do with a job that runs; null: it is left alone
   */
  static BulkRule delete(@Nullable JobCommand cancel) {
    return (job, context) -> {
      JobState state = job.getJob().getStatus().getState();
      if (!goesAlone(job, context)) {
        return Optional.empty();
      }
      if (!Transitions.isHeld(state)) {
        return Optional.of(new Step(new JobCommand.Delete("")));
      }
      return Optional.of(
          cancel != null && state == JobState.JOB_STATE_RUNNING ? new Step(cancel) : Step.SKIP);
    };
  }

  /** A child is deleted with its parent, never by itself unless it has lost its parent. */
  private static boolean goesAlone(JobRecord job, DecisionContext context) {
    return !JobRecords.isChild(job) || context.jobOrParent(JobRecords.parentOf(job)).isEmpty();
  }
}
