package dev.milepost.server.job;

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
import java.time.Instant;
import java.util.List;

/**
 * How a batch comes to be: open, then child after child, then whole. Until it is whole nobody can
 * claim a child of it; and where nothing more comes, it goes.
 */
final class BatchRule {
  /** So long an open batch waits for more. */
  static final Duration LONGEST_SILENCE = Duration.ofMinutes(2);

  private BatchRule() {}

  static JobDecision.Put open(NewJob batch, String requestId, Instant now, JobRules rules) {
    JobEdit edit = CreateRule.create(batch, List.of(), now, rules);
    edit.record()
        .setHeldBack(true)
        .setParentRecord(
            ParentRecord.newBuilder()
                .setAbandonTime(later(now))
                .setRequestId(requestId)
                .setRequestedBy(batch.createdBy()));
    edit.record().getJobBuilder().setKind(JobKind.JOB_KIND_BATCH);
    edit.status().setProgress(Progress.newBuilder().setUnit("items"));
    return edit.put();
  }

  static List<JobDecision> add(
      JobRecord batch, JobKey childKey, List<Item> items, Instant now, JobRules rules) {
    requireOpen(batch);
    NewJob job =
        new NewJob(
            childKey,
            batch.getJob().getUserId(),
            batch.getJob().getUserId(),
            batch.getJob().getId(),
            "",
            childSpec(batch.getJob().getSpec()));
    JobEdit child = CreateRule.create(job, items, now, rules);
    child.record().setHeldBack(true);
    JobDecision.Put made = child.put();
    JobRecord counted = ChildShares.counted(made.record());

    ParentEdit parent = new ParentEdit(batch, now, rules);
    parent.add(counted);
    JobEdit edit = parent.edit();
    edit.record().getParentRecordBuilder().setAbandonTime(later(now));
    edit.status().getProgressBuilder().setTotal(JobRecords.items(edit.status().getItemCounts()));
    return List.of(edit.put(), new JobDecision.Put(counted, made.entries(), made.items()));
  }

  /** The webhook is told of the batch, not of each part, and all of it goes together. */
  private static JobSpec childSpec(JobSpec spec) {
    return spec.toBuilder().clearWebhook().clearExpireTime().build();
  }

  static JobDecision.Put seal(JobRecord batch, Instant now, JobRules rules) {
    requireOpen(batch);
    JobEdit edit = new JobEdit(batch, now, rules);
    edit.record().getParentRecordBuilder().clearAbandonTime().clearRequestId().clearRequestedBy();
    edit.status()
        .setProgress(ProgressRule.deriving(batch, batch.getJob().getStatus().getProgress(), now));
    edit.moveTo(
        JobState.JOB_STATE_RUNNING, batch.getJob().getUserId(), "", JobError.getDefaultInstance());
    ParentCommands.begin(edit, ChildWorkKind.CHILD_WORK_KIND_RELEASE);
    return edit.put();
  }

  /** Its stream broke: it goes, if it is still there and open. */
  static JobDecision abandon(JobRecord batch, Instant now, JobRules rules) {
    JobEdit edit = new JobEdit(batch, now, rules);
    return JobRecords.isOpen(batch) && !JobRecords.isGoing(batch)
        ? ParentCommands.remove(edit)
        : edit.keep();
  }

  /** Whether a job is what an earlier stream of the same request has left unfinished. */
  static boolean isLeftBy(JobRecord job, String userId, String requestId) {
    return JobRecords.isOpen(job)
        && !requestId.isEmpty()
        && job.getParentRecord().getRequestId().equals(requestId)
        && job.getParentRecord().getRequestedBy().equals(userId);
  }

  private static void requireOpen(JobRecord batch) {
    if (!JobRecords.isOpen(batch) || JobRecords.isGoing(batch)) {
      throw new Refusal.BatchClosed(batch.getJob().getId());
    }
  }

  private static com.google.protobuf.Timestamp later(Instant now) {
    return Times.timestamp(now.plus(LONGEST_SILENCE));
  }
}
