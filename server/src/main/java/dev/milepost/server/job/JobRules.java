package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobState;
import dev.milepost.v1.Webhook;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The rules of a job's life: what a command does to a job, and what follows for its parent.
 *
 * <p>Pure and thread-safe: the same record, command and reading of the clock give the same
 * decision. A command that is not allowed ends in a {@link Refusal}.
 */
public final class JobRules {
  private final JobDefaults defaults;
  private final JobTimers timers;
  private final boolean allowsLoopbackWebhooks;
  private final BatchRules batches = new BatchRules(this);
  private final ChildSlices childSlices = new ChildSlices(this);
  private final UnreadableChildren unreadableChildren = new UnreadableChildren(this);

  /**
   * Creates the rules of one server.
   *
   * @param defaults values for jobs that do not set their own
   */
  public JobRules(JobDefaults defaults) {
    this(defaults, true);
  }

  /**
   * Creates the rules of one server.
   *
   * @param defaults values for jobs that do not set their own
   * @param allowsLoopbackWebhooks whether a webhook may lead to the server's own machine; if not,
   *     it is refused when it is set, since no try could ever succeed
   */
  public JobRules(JobDefaults defaults, boolean allowsLoopbackWebhooks) {
    this.defaults = defaults;
    this.allowsLoopbackWebhooks = allowsLoopbackWebhooks;
    this.timers = new JobTimers(defaults);
  }

  /** Requires that this server would deliver to a webhook, which may be unset. */
  void requireAllowed(Webhook webhook) {
    if (!allowsLoopbackWebhooks) {
      WebhookValidation.requireElsewhere(webhook);
    }
  }

  /** Values for jobs that do not set their own. */
  public JobDefaults defaults() {
    return defaults;
  }

  /** When a job's timers are due. */
  public JobTimers timers() {
    return timers;
  }

  /** The rules for creating batches. */
  public BatchRules batches() {
    return batches;
  }

  /** Changes to all children of a parent, slice by slice. */
  public ChildSlices childSlices() {
    return childSlices;
  }

  /** What follows for a parent if a child cannot be read. */
  public UnreadableChildren unreadableChildren() {
    return unreadableChildren;
  }

  /**
   * Creates a queued job.
   *
   * @param job validated: its id, tenant, user and spec are set
   * @param items its items, validated
   */
  public JobDecision.Put create(NewJob job, List<Item> items, ClockReading clock) {
    requireAllowed(job.spec().getWebhook());
    return CreateRule.create(job, items, clock, this).put();
  }

  /**
   * Creates a job and claims it for its creator, in one decision.
   *
   * @param job validated: its id, tenant, user and spec are set
   * @param items its items, validated
   * @throws Refusal.InvalidArgument if the spec's not_before_time is in the future
   */
  public JobDecision.Put createAndStart(
      NewJob job, List<Item> items, JobCommand.Claim start, ClockReading clock) {
    requireAllowed(job.spec().getWebhook());
    JobEdit edit = CreateRule.create(job, items, clock, this);
    if (edit.status().hasClaimableTime()) {
      throw new Refusal.InvalidArgument(
          "spec.not_before_time", "must not be in the future for a job that starts immediately");
    }
    return AttemptRules.claim(edit, start);
  }

  /**
   * Creates a task and the job of its first step.
   *
   * @param task validated: its id, tenant, user and spec are set
   * @param steps at least one, with unused job ids and validated specs
   * @param items items of the first step, validated
   */
  public List<JobDecision> startTask(
      NewJob task, List<StepRecord> steps, List<Item> items, ClockReading clock) {
    requireAllowed(task.spec().getWebhook());
    return TaskRule.start(task, steps, items, clock, this);
  }

  /**
   * Creates a queued job that retries the failed items of a finished job.
   *
   * @param finished the finished job, which is not changed
   * @param failed its failed items
   * @param newKey tenant and id of the new job
   * @param requestedBy the caller, who may not be the owner
   * @throws Refusal.JobNotFinished if the job has not finished
   * @throws Refusal.NoFailedItems if none of its items failed
   * @throws Refusal.ParentHasNoItems if the job is a batch or task: see {@link
   *     BatchRules#openRetry}
   */
  public JobDecision.Put retryFailedItems(
      JobRecord finished,
      List<Item> failed,
      JobKey newKey,
      String requestedBy,
      ClockReading clock) {
    return RetryItemsRule.retry(finished, failed, newKey, requestedBy, clock, this);
  }

  /**
   * Requires that a token belongs to the attempt that holds a job.
   *
   * @throws Refusal.LeaseLost if it does not, or the lease has expired
   */
  public void requireHeld(JobRecord record, String attemptToken, ClockReading clock) {
    JobRecord current = TimerShift.adopt(record, clock, timers);
    if (!AttemptRules.holds(current, attemptToken, clock, timers)) {
      throw JobRecords.leaseLost(current, attemptToken);
    }
  }

  /**
   * Decides on a command for one job.
   *
   * @param current the job as it is
   * @throws Refusal if the rules do not allow the command
   */
  public JobDecisions decide(JobRecord current, JobCommand command, DecisionContext context) {
    return decide(current, command, context, parent -> false);
  }

  /**
   * Decides on a command for one job.
   *
   * @param current the job as it is
   * @param isWatched whether the job is a watched parent, whose progress then follows that of its
   *     children
   * @throws Refusal if the rules do not allow the command
   */
  public JobDecisions decide(
      JobRecord current, JobCommand command, DecisionContext context, Predicate<JobKey> isWatched) {
    return settle(List.of(decideAlone(current, command, context.clock())), context, isWatched);
  }

  /**
   * Decides on commands for several jobs at once.
   *
   * @param jobs the jobs as they are, each at most once
   * @param command returns the command for a job
   * @throws Refusal if the rules do not allow one of the commands
   */
  public JobDecisions decide(
      List<JobRecord> jobs, Function<JobRecord, JobCommand> command, DecisionContext context) {
    List<JobDecision> decisions = new ArrayList<>();
    for (JobRecord job : jobs) {
      decisions.add(decideAlone(job, command.apply(job), context.clock()));
    }
    return settle(decisions, context, parent -> false);
  }

  private JobDecisions settle(
      List<JobDecision> decisions, DecisionContext context, Predicate<JobKey> isWatched) {
    return new JobDecisions(
        decisions, ParentSettlement.settle(decisions, context, isWatched, this));
  }

  /**
   * Records the result of a webhook try that a {@link JobCommand.Tick} started.
   *
   * @param deliveryId id of the delivery; one that is unknown or not pending changes nothing
   */
  public JobDecision webhookTried(
      JobRecord current, String deliveryId, WebhookResult result, ClockReading clock) {
    return WebhookRule.tried(new JobEdit(current, clock, this), deliveryId, result);
  }

  /**
   * Shares a job.
   *
   * @throws Refusal.TooManyShares if it has the maximum number of shares
   * @throws Refusal.RequestIdReused if the request_id was used for another share
   */
  public ShareRules.Shared share(JobRecord current, NewShare share, ClockReading clock) {
    return ShareRules.share(new JobEdit(current, clock, this), share);
  }

  /**
   * Revokes a share of a job, or all of them. One that the job does not have changes nothing.
   *
   * @param shareId id of the share; empty: all
   */
  public JobDecision unshare(JobRecord current, String shareId, ClockReading clock) {
    return ShareRules.unshare(new JobEdit(current, clock, this), shareId);
  }

  /** Decides on a command for a job, without what follows for its parent. */
  JobDecision decideAlone(JobRecord found, JobCommand command, ClockReading clock) {
    JobEdit edit = new JobEdit(found, clock, this);
    JobRecord current = edit.current();
    if (timers.isExpired(current, clock.now()) && command.kind() != CommandKind.TICK) {
      throw new Refusal.JobNotFound(current.getJob().getId());
    }
    if (command instanceof JobCommand.OfAttempt ofAttempt
        && !AttemptRules.holds(current, ofAttempt.attemptToken(), clock, timers)) {
      if (AttemptRules.repeatsTheEnd(current, ofAttempt)) {
        return new JobDecision.Keep(current);
      }
      throw JobRecords.leaseLost(current, ofAttempt.attemptToken());
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
    JobDecision decision = apply(edit, command);
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

  /** A decision outside the table is a bug in a rule, and must never reach a store. */
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
