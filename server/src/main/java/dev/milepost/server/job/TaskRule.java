package dev.milepost.server.job;

import dev.milepost.storage.v1.ChildWork;
import dev.milepost.storage.v1.ChildWorkKind;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.ParentRecord;
import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobState;
import dev.milepost.v1.Progress;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.SubOperationState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a task starts, and how each step follows the one before, in the commit that ends it. */
final class TaskRule {
  private TaskRule() {}

  static List<JobDecision> start(
      NewJob task, List<StepRecord> steps, List<Item> items, ClockReading clock, JobRules rules) {
    JobEdit edit = CreateRule.create(task, List.of(), clock, rules);
    edit.record().setHeldBack(true).setParentRecord(ParentRecord.newBuilder().addAllSteps(steps));
    edit.record().getJobBuilder().setKind(JobKind.JOB_KIND_TASK);
    Progress.Builder progress = Progress.newBuilder().setUnit("steps").setTotal(steps.size());
    for (StepRecord step : steps) {
      progress.addSubOperations(
          SubOperation.newBuilder()
              .setId(step.getName())
              .setDisplayName(step.getSpec().getDisplayName())
              .setState(SubOperationState.SUB_OPERATION_STATE_PENDING));
    }
    edit.status().setProgress(ProgressRule.derive(edit.current(), progress.build(), clock.now()));
    edit.transitionTo(
        JobState.JOB_STATE_RUNNING, task.createdBy(), "", JobError.getDefaultInstance());
    JobDecision.Put first =
        step(edit.record().getJob(), steps.get(0), items, task.createdBy(), clock, rules, false);
    edit.status().getChildCountsBuilder().setQueued(1);
    return List.of(edit.put(), first);
  }

  /**
   * Creates the job of the step after one that succeeded. If that one had items, they are passed on
   * slice by slice after this commit, before the new job can be claimed.
   *
   * @param ended index of the step that succeeded
   * @param child its job; null if it ended in an earlier commit, with or without items
   */
  static JobDecision nextStep(
      ParentEdit task, int ended, @Nullable JobRecord child, JobRules rules) {
    JobEdit edit = task.edit();
    List<StepRecord> steps = edit.current().getParentRecord().getStepsList();
    StepRecord next = steps.get(ended + 1);
    boolean hasItems =
        child == null || JobRecords.items(child.getJob().getStatus().getItemCounts()) > 0;
    JobDecision.Put created =
        step(edit.current().getJob(), next, List.of(), "", edit.clock(), rules, hasItems);
    task.add(created.record());
    if (hasItems) {
      passItems(edit, steps.get(ended).getJobId(), next.getJobId());
    }
    return created;
  }

  static void passItems(JobEdit task, String fromJobId, String toJobId) {
    ParentCommands.begin(
        task,
        ChildWork.newBuilder()
            .setKind(ChildWorkKind.CHILD_WORK_KIND_PASS_ITEMS)
            .setFromJobId(fromJobId)
            .setToJobId(toJobId));
  }

  private static JobDecision.Put step(
      Job task,
      StepRecord step,
      List<Item> items,
      String cause,
      ClockReading clock,
      JobRules rules,
      boolean heldBack) {
    NewJob job =
        new NewJob(
            new JobKey(task.getTenantId(), step.getJobId()),
            task.getUserId(),
            cause,
            task.getId(),
            step.getName(),
            TaskSteps.spec(task.getSpec(), step));
    JobEdit edit = CreateRule.create(job, items, clock, rules);
    edit.record().setHeldBack(heldBack);
    return ChildShares.counted(edit.put());
  }
}
