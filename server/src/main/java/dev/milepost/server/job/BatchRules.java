package dev.milepost.server.job;

import com.google.protobuf.Timestamp;
import dev.milepost.storage.v1.ChildWorkKind;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.ParentRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.Progress;
import java.time.Duration;
import java.util.List;

/**
 * How a batch is created: opened, then filled child by child, then sealed. Its children cannot be
 * claimed before it is sealed. An open batch that receives nothing for {@link #IDLE_TIMEOUT} is
 * deleted.
 *
 * <p>Pure and thread-safe, like {@link JobRules}.
 */
public final class BatchRules {
  /** How long an open batch waits for its next child. */
  static final Duration IDLE_TIMEOUT = Duration.ofMinutes(2);

  private final JobRules rules;

  BatchRules(JobRules rules) {
    this.rules = rules;
  }

  /**
   * Creates an open batch.
   *
   * @param batch validated: its id, tenant, user and spec are set
   * @param requestId request_id of the stream that fills it; empty: none
   */
  public JobDecision.Put open(NewJob batch, String requestId, ClockReading clock) {
    rules.requireAllowed(batch.spec().getWebhook());
    JobEdit edit = CreateRule.create(batch, List.of(), clock, rules);
    edit.record()
        .setHeldBack(true)
        .setParentRecord(
            ParentRecord.newBuilder()
                .setAbandonTime(abandonTime(clock))
                .setRequestId(requestId)
                .setRequestedBy(batch.createdBy()));
    edit.record().getJobBuilder().setKind(JobKind.JOB_KIND_BATCH);
    edit.status().setProgress(Progress.newBuilder().setUnit("items"));
    return edit.put();
  }

  /**
   * Creates an open batch that is to receive the failed items of a finished batch, by {@link
   * #asPending}.
   *
   * @param finished the finished batch, which is not changed
   * @param requestedBy the caller, who may not be the owner
   * @throws Refusal.JobNotFinished if the batch has not finished
   * @throws Refusal.NoFailedItems if none of its items failed
   * @throws Refusal.ParentHasNoItems if it is not a batch
   */
  public JobDecision.Put openRetry(
      JobRecord finished, JobKey newKey, String requestedBy, ClockReading clock) {
    return RetryItemsRule.openBatch(finished, newKey, requestedBy, clock, rules);
  }

  /** Returns a failed item as one that is to be worked on again. */
  public Item asPending(Item failed) {
    return RetryItemsRule.asPending(failed);
  }

  /**
   * Adds a child to an open batch.
   *
   * @param childKey key of the new job
   * @param items its items, validated, at least one
   * @return the decisions on the batch and on the child
   * @throws Refusal.BatchClosed if the batch is no longer open
   */
  public List<JobDecision> add(
      JobRecord batch, JobKey childKey, List<Item> items, ClockReading clock) {
    requireOpen(batch);
    NewJob job =
        new NewJob(
            childKey,
            batch.getJob().getUserId(),
            batch.getJob().getUserId(),
            batch.getJob().getId(),
            "",
            childSpec(batch.getJob().getSpec()));
    JobEdit child = CreateRule.create(job, items, clock, rules);
    child.record().setHeldBack(true);
    JobDecision.Put created = ChildShares.counted(child.put());

    ParentEdit parent = new ParentEdit(batch, clock, rules);
    parent.add(created.record());
    JobEdit edit = parent.edit();
    edit.record().getParentRecordBuilder().setAbandonTime(abandonTime(clock));
    edit.status().getProgressBuilder().setTotal(JobRecords.items(edit.status().getItemCounts()));
    return List.of(edit.put(), created);
  }

  /** The webhook announces the batch, not each child, and children expire with their batch. */
  private static JobSpec childSpec(JobSpec spec) {
    return spec.toBuilder().clearWebhook().clearExpireTime().build();
  }

  /**
   * Seals a batch: it is complete, and its children are released to the workers.
   *
   * @throws Refusal.BatchClosed if the batch is no longer open
   */
  public JobDecision.Put seal(JobRecord batch, ClockReading clock) {
    requireOpen(batch);
    JobEdit edit = new JobEdit(batch, clock, rules);
    edit.record().getParentRecordBuilder().clearAbandonTime().clearRequestId().clearRequestedBy();
    edit.status()
        .setProgress(
            ProgressRule.derive(batch, batch.getJob().getStatus().getProgress(), clock.now()));
    edit.transitionTo(
        JobState.JOB_STATE_RUNNING, batch.getJob().getUserId(), "", JobError.getDefaultInstance());
    ParentCommands.begin(edit, ChildWorkKind.CHILD_WORK_KIND_RELEASE);
    return edit.put();
  }

  /** Deletes a batch that is still open, with its children. */
  public JobDecision abandon(JobRecord batch, ClockReading clock) {
    JobEdit edit = new JobEdit(batch, clock, rules);
    return isOpen(batch) ? ParentCommands.remove(edit) : edit.keep();
  }

  /**
   * Whether a job is an unfinished batch of an earlier stream of the same request.
   *
   * @param userId user that sent the request
   * @param requestId empty: no earlier stream can be the same
   */
  public boolean isLeftover(JobRecord job, String userId, String requestId) {
    return JobRecords.isOpenBatch(job)
        && !requestId.isEmpty()
        && job.getParentRecord().getRequestId().equals(requestId)
        && job.getParentRecord().getRequestedBy().equals(userId);
  }

  private static boolean isOpen(JobRecord batch) {
    return JobRecords.isOpenBatch(batch) && !JobRecords.isBeingDeleted(batch);
  }

  private static void requireOpen(JobRecord batch) {
    if (!isOpen(batch)) {
      throw new Refusal.BatchClosed(batch.getJob().getId());
    }
  }

  private static Timestamp abandonTime(ClockReading clock) {
    return Times.timestamp(clock.after(IDLE_TIMEOUT));
  }
}
