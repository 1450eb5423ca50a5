package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobState;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * Decides what a command does to a job: the one place where a job's life is ruled.
 *
 * <p>Pure and thread-safe: the same record, command and time give the same decision. A command that
 * may not be carried out ends in a {@link Refusal}.
 */
public final class JobRules {
  private final JobDefaults defaults;
  private final JobTimers timers;
  private final ParentRules families = new ParentRules(this);

  /**
   * Rules for one server.
   *
   * @param defaults what holds for jobs that do not say otherwise
   * @param servingSince when the server began to serve. A worker cannot be heard by a server that
   *     is down: its lease therefore lasts for its full length from this moment at least.
   */
  public JobRules(JobDefaults defaults, Instant servingSince) {
    this.defaults = defaults;
    this.timers = new JobTimers(defaults, servingSince);
  }

  /** What holds for jobs that do not say otherwise. */
  public JobDefaults defaults() {
    return defaults;
  }

  /** When the clock next matters to jobs. */
  public JobTimers timers() {
    return timers;
  }

  /** The rules between parents and their children. */
  public ParentRules parents() {
    return families;
  }

  /**
   * A new job, queued.
   *
   * @param job validated: its id, tenant, user and spec are set
   * @param items its items, validated
   */
  public JobDecision.Put create(NewJob job, List<Item> items, Instant now) {
    return CreateRule.create(job, items, Times.grain(now), this).put();
  }

  /**
   * A new job that its creator works on at once: created and claimed in one decision.
   *
   * @param job validated: its id, tenant, user and spec are set
   * @param items its items, validated
   * @throws Refusal.InvalidArgument where the spec says that the job must wait
   */
  public JobDecision.Put createAndStart(
      NewJob job, List<Item> items, JobCommand.Claim start, Instant now) {
    JobEdit edit = CreateRule.create(job, items, Times.grain(now), this);
    if (edit.status().hasClaimableTime()) {
      throw new Refusal.InvalidArgument(
          "spec.not_before_time", "must not lie ahead for a job that starts at once");
    }
    return AttemptRules.claim(edit, start);
  }

  /**
   * A new job like a finished one, queued, with only those of its items that failed.
   *
   * @param finished the job whose items are tried again; it stays as it is
   * @param failed its items that failed
   * @param newKey tenant and id of the new job
   * @param requestedBy the caller, who may differ from the owner
   * @throws Refusal.JobNotFinished where the job has not finished
   * @throws Refusal.NoFailedItems where none of its items failed
   */
  public JobDecision.Put retryFailedItems(
      JobRecord finished, List<Item> failed, JobKey newKey, String requestedBy, Instant now) {
    return RetryItemsRule.retry(finished, failed, newKey, requestedBy, Times.grain(now), this);
  }

  /**
   * Requires that a worker's token is that of the job's current attempt.
   *
   * @throws Refusal.LeaseLost where it is another, or the lease has ended
   */
  public void requireHeld(JobRecord record, String attemptToken, Instant now) {
    if (!AttemptRules.holds(record, attemptToken, Times.grain(now), timers)) {
      throw new Refusal.LeaseLost(record.getJob().getId());
    }
  }

  /**
   * Decides on one command.
   *
   * @param current the job as it is
   * @throws Refusal where the rules forbid it
   */
  public JobDecision decide(JobRecord current, JobCommand command, Instant now) {
    return decideAt(current, command, Times.grain(now));
  }

  /**
   * Notes what came of a try to tell a job's webhook, whose beginning was a {@link
   * JobCommand.Tick}'s.
   *
   * @param deliveryId id of the delivery; one that is not known or not pending changes nothing
   */
  public JobDecision webhookTried(
      JobRecord current, String deliveryId, WebhookResult result, Instant now) {
    return WebhookRule.tried(new JobEdit(current, Times.grain(now), this), deliveryId, result);
  }

  private JobDecision decideAt(JobRecord current, JobCommand command, Instant now) {
    if (timers.isExpired(current, now) && command.kind() != CommandKind.TICK) {
      throw new Refusal.JobNotFound(current.getJob().getId());
    }
    if (command instanceof JobCommand.OfAttempt ofAttempt
        && !AttemptRules.holds(current, ofAttempt.attemptToken(), now, timers)) {
      if (AttemptRules.repeatsTheEnd(current, ofAttempt)) {
        return new JobDecision.Keep(current);
      }
      throw new Refusal.LeaseLost(current.getJob().getId());
    }
    JobState from = current.getJob().getStatus().getState();
    boolean isParent = JobRecords.isParent(current);
    Set<JobState> targets =
        isParent
            ? Transitions.targetsOfParent(from, command.kind())
            : Transitions.targets(from, command.kind());
    if (targets.isEmpty()) {
      throw new Refusal.InvalidStateTransition(
          current.getJob().getId(),
          from,
          command.kind(),
          isParent ? Transitions.allowedOfParent(from) : Transitions.allowed(from));
    }
    JobDecision decision = apply(new JobEdit(current, now, this), command);
    requireInTable(decision, command, targets);
    return decision;
  }

  private JobDecision apply(JobEdit edit, JobCommand command) {
    return switch (command.kind()) {
      case CLAIM -> AttemptRules.claim(edit, (JobCommand.Claim) command);
      case REPORT -> ReportRule.report(edit, (JobCommand.ReportProgress) command);
      case HEARTBEAT -> AttemptRules.heartbeat(edit);
      case COMPLETE -> EndRules.complete(edit, (JobCommand.Complete) command);
      case FAIL -> EndRules.fail(edit, (JobCommand.Fail) command);
      case CONFIRM_CANCEL -> EndRules.confirmCancel(edit, (JobCommand.ConfirmCancel) command);
      case RELEASE -> EndRules.release(edit, (JobCommand.Release) command);
      case CANCEL -> CancelRule.cancel(edit, (JobCommand.Cancel) command);
      case RETRY -> OwnerRules.retry(edit, (JobCommand.Retry) command);
      case DELETE -> OwnerRules.delete(edit, (JobCommand.Delete) command);
      case UPDATE -> OwnerRules.update(edit, (JobCommand.Update) command);
      case TICK -> TickRule.tick(edit);
    };
  }

  /** A decision outside the table is a fault of a rule, and must never reach a store. */
  private static void requireInTable(
      JobDecision decision, JobCommand command, Set<JobState> targets) {
    JobState to;
    if (decision instanceof JobDecision.Put put) {
      to = put.record().getJob().getStatus().getState();
    } else if (decision instanceof JobDecision.Keep keep) {
      to = keep.record().getJob().getStatus().getState();
    } else {
      to = Transitions.GONE;
    }
    if (!targets.contains(to)) {
      throw new IllegalStateException(command.kind() + " led to " + to + ", outside the table");
    }
  }
}
