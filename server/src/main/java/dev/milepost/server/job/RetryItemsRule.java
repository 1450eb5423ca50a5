package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobTrigger;
import java.util.List;

/** How the failed items of a finished job are retried: by a new job with the same spec. */
final class RetryItemsRule {
  private RetryItemsRule() {}

  static JobDecision.Put retry(
      JobRecord finished,
      List<Item> failed,
      JobKey newKey,
      String requestedBy,
      ClockReading clock,
      JobRules rules) {
    Job job = finished.getJob();
    if (JobRecords.isParent(finished)) {
      throw new Refusal.ParentHasNoItems(job.getId());
    }
    if (!Transitions.isFinished(job.getStatus().getState())) {
      throw new Refusal.JobNotFinished(job.getId(), job.getStatus().getState());
    }
    if (failed.isEmpty()) {
      throw new Refusal.NoFailedItems(job.getId());
    }
    // It has no parent: a finished batch must not start to run again.
    NewJob again = new NewJob(newKey, job.getUserId(), requestedBy, "", "", spec(finished));
    List<Item> items = failed.stream().map(RetryItemsRule::asPending).toList();
    JobEdit edit = CreateRule.create(again, items, clock, rules);
    edit.record().getJobBuilder().setRetriedJobId(job.getId());
    return edit.put();
  }

  /**
   * Opens a batch that is to receive the failed items of a finished batch.
   *
   * @param requestedBy the caller, who may not be the owner
   */
  static JobDecision.Put openBatch(
      JobRecord finished, JobKey newKey, String requestedBy, ClockReading clock, JobRules rules) {
    Job job = finished.getJob();
    if (job.getKind() != JobKind.JOB_KIND_BATCH) {
      throw new Refusal.ParentHasNoItems(job.getId());
    }
    if (!Transitions.isFinished(job.getStatus().getState())) {
      throw new Refusal.JobNotFinished(job.getId(), job.getStatus().getState());
    }
    if (job.getStatus().getItemCounts().getFailed() == 0) {
      throw new Refusal.NoFailedItems(job.getId());
    }
    NewJob again = new NewJob(newKey, job.getUserId(), requestedBy, "", "", spec(finished));
    JobDecision.Put open = rules.batches().open(again, "", clock);
    JobRecord.Builder retrying = open.record().toBuilder();
    retrying.getJobBuilder().setRetriedJobId(job.getId());
    return new JobDecision.Put(retrying.build(), open.entries(), open.items());
  }

  /** Times that the owner set belong to the life of the finished job, so they are not copied. */
  private static JobSpec spec(JobRecord finished) {
    JobSpec.Builder spec =
        finished.getJob().getSpec().toBuilder()
            .setTrigger(JobTrigger.JOB_TRIGGER_RETRY)
            .clearNotBeforeTime()
            .clearExpireTime();
    if (spec.hasWebhook()) {
      spec.getWebhookBuilder().setSecret(finished.getWebhookSecret());
    }
    return spec.build();
  }

  static Item asPending(Item failed) {
    return failed.toBuilder()
        .setState(ItemState.ITEM_STATE_PENDING)
        .clearMessage()
        .clearJobId()
        .build();
  }
}
